import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

/** A Chromium that can be started, and what it wants in its environment. */
export interface Chromium {
  executablePath: string;
  env: Record<string, string>;
}

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const ARGUMENTS = [
  // Chromium's sandbox wants namespaces that root and most containers do not give it; it opens our own pages only.
  '--no-sandbox',
  '--disable-gpu',
  // A test must not wait for, nor depend on, what a browser fetches for itself.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Starts a headless Chromium: CHROMIUM_PATH, an installed one, or the one that npm brought. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  const args = [...ARGUMENTS, ...(options.args ?? [])];
  return chromium.launch({ ...options, executablePath, args, env: { ...process.env, ...env, ...options.env } });
}

/** The Chromium that tests run on here. `candidates` are tried before the one from npm is unpacked. */
export async function findChromium(candidates = [process.env.CHROMIUM_PATH, ...INSTALLED]): Promise<Chromium> {
  const executablePath = candidates.find((candidate) => candidate && fs.existsSync(candidate));
  return executablePath ? { executablePath, env: {} } : unpackChromium();
}

/**
 * Unpacks the Chromium of @sparticuz/chromium once into a folder of our user's own. The package itself unpacks to fixed
 * names in the shared temporary folder, where anybody may have put something, and takes half an archive for a whole one.
 * Its own arguments are never used: they switch web security off.
 */
async function unpackChromium(): Promise<Chromium> {
  if (process.platform !== 'linux') throw new Error('No Chromium found: install one or set CHROMIUM_PATH.');
  const packageFolder = path.resolve(path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
  const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'carga');
  const folder = path.join(cache, `chromium-${version}-with-fonts`);
  if (!fs.existsSync(folder)) {
    fs.mkdirSync(cache, { recursive: true, mode: 0o700 });
    const unpacked = fs.mkdtempSync(`${folder}-`);
    await inflateInto(unpacked, path.join(packageFolder, 'bin'));
    fs.writeFileSync(path.join(unpacked, FONT_SETTINGS), fontSettings(folder));
    try {
      fs.renameSync(unpacked, folder);
    } catch (error) {
      fs.rmSync(unpacked, { recursive: true, force: true });
      // Another test run was faster.
      if (!fs.existsSync(folder)) throw error;
    }
  }
  const executablePath = path.join(folder, 'chromium');
  const env: Record<string, string> = { FONTCONFIG_FILE: path.join(folder, FONT_SETTINGS) };
  if (lacksLibraries(executablePath)) env.LD_LIBRARY_PATH = path.join(folder, 'al2023/lib');
  return { executablePath, env };
}

const FONT_SETTINGS = 'fonts.conf';

/** The package's own settings name folders under /tmp. Without a font Chromium ends at the first text it has to show. */
function fontSettings(folder: string): string {
  const text = (path: string) => path.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${text(folder)}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${text(folder)}/fonts-cache</cachedir>
</fontconfig>
`;
}

async function inflateInto(folder: string, archives: string): Promise<void> {
  const { inflate } = await import('@sparticuz/chromium');
  const { TMPDIR } = process.env;
  // The only way to tell it where to.
  process.env.TMPDIR = folder;
  try {
    for (const archive of ['chromium.br', 'fonts.tar.br', 'al2023.tar.br']) await inflate(path.join(archives, archive));
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

/** Whether the system has not all of the libraries Chromium is linked with; the package brings those of its maker. */
function lacksLibraries(executablePath: string): boolean {
  try {
    return /not found/.test(execFileSync('ldd', [executablePath], { encoding: 'utf8' }));
  } catch {
    return true;
  }
}
