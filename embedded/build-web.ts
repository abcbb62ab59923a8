// `npm run build`: builds the web application unless this very source is built already. The launcher calls
// `ensureWebBuild` for the same.
import '#lib/process/require-node.ts';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_ROOT } from '#embedded/child.ts';
import { lockFolder } from '#embedded/data-folder.ts';
import { LaunchError } from '#embedded/launch-error.ts';

/** What the build depends on. `public` is served as it lies there. */
const SOURCES = ['app', 'components', 'lib', 'prisma/schema.prisma', 'package-lock.json', 'package.json'];
const CONFIGURATION = ['next.config.mjs', 'postcss.config.mjs', 'tsconfig.json', 'instrumentation.ts', 'proxy.ts'];
const BUILD = path.join(PROJECT_ROOT, '.next');
/** Written last: a build that was cut short has none. */
const SOURCE_HASH = path.join(BUILD, 'source-hash');
/** Another start of the same checkout may be building; a build takes 10 to 60 s. */
const BUILD_LIMIT_MS = 300_000;

/** Builds the web application where no build of this source is there yet, and tells `say` before it does. */
export async function ensureWebBuild(say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  if (isBuilt()) return;
  fs.mkdirSync(BUILD, { recursive: true });
  const lock = await waitForLock(signal);
  try {
    // Whoever held the lock may have built it.
    if (isBuilt()) return;
    say('building the web application for this source, once …');
    const startedAt = Date.now();
    const hash = hashSources();
    fs.rmSync(SOURCE_HASH, { force: true });
    await runBuild(signal);
    fs.writeFileSync(SOURCE_HASH, hash);
    say(`built in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  } finally {
    await lock.release();
  }
}

function isBuilt(): boolean {
  return fs.existsSync(SOURCE_HASH) && fs.readFileSync(SOURCE_HASH, 'utf8') === hashSources();
}

/** SHA-256 over names and contents of everything the build reads, tests left out. */
export function hashSources(): string {
  const hash = createHash('sha256').update(process.versions.node);
  for (const source of [...SOURCES, ...CONFIGURATION]) {
    for (const file of filesOf(source)) {
      hash.update(`\0${file}\0`).update(fs.readFileSync(path.join(PROJECT_ROOT, file)));
    }
  }
  return hash.digest('hex');
}

function filesOf(source: string): string[] {
  const stat = fs.statSync(path.join(PROJECT_ROOT, source), { throwIfNoEntry: false });
  if (!stat) return [];
  if (stat.isFile()) return [source];
  const entries = fs.readdirSync(path.join(PROJECT_ROOT, source), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(PROJECT_ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

async function waitForLock(signal?: AbortSignal) {
  const deadline = Date.now() + BUILD_LIMIT_MS;
  for (;;) {
    try {
      return await lockFolder(BUILD);
    } catch (error) {
      if (!(error instanceof LaunchError) || Date.now() > deadline) throw error;
      await sleep(250, undefined, { signal });
    }
  }
}

async function runBuild(signal?: AbortSignal): Promise<void> {
  const next = path.join(PROJECT_ROOT, 'node_modules/next/dist/bin/next');
  const child = spawn(process.execPath, [next, 'build'], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  if (code === 0) return;
  process.stderr.write(output);
  throw new LaunchError(
    `The web application cannot be built: next build ended with code ${code}; its output is above.`,
  );
}

if (import.meta.main) {
  try {
    await ensureWebBuild((line) => console.log(line));
  } catch (error) {
    console.error(error instanceof LaunchError ? error.message : error);
    process.exitCode = 1;
  }
}
