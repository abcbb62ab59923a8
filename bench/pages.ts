// `npm run bench:pages`: Lighthouse on the built application, and the JavaScript that each page loads first.
import '#lib/process/require-node.ts';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { startStack } from '#tests/support/stack.ts';
import { openStackClient } from '#tests/support/stack-client.ts';
import { prepareTour } from '#tests/support/tour.ts';

/** Some hundred packages that only this measurement needs: fetched when it runs, not with every installation. */
const LIGHTHOUSE = '13.5.0';
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;
const GOALS = { performance: 95, accessibility: 100, 'best-practices': 95 } as const;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    /** `mobile` is Lighthouse's own default: a slow telephone, simulated. */
    device: { type: 'string', default: 'desktop' },
    only: { type: 'string' },
    json: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
  },
});

interface Audit {
  id: string;
  score: number | null;
  title: string;
  displayValue?: string;
  details?: { items?: { resourceType?: string; transferSize?: number; resourceSize?: number }[] };
}
interface Report {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, Audit>;
}
type Lighthouse = (url: string, flags: object, config?: object) => Promise<{ lhr: Report } | undefined>;

async function loadLighthouse(): Promise<{ lighthouse: Lighthouse; desktop: object }> {
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'carga');
  const folder = path.join(cache, `lighthouse-${LIGHTHOUSE}`);
  const core = path.join(folder, 'node_modules/lighthouse/core');
  if (!fs.existsSync(core)) {
    console.error(`fetching lighthouse ${LIGHTHOUSE} into ${folder}, once …`);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `lighthouse@${LIGHTHOUSE}`];
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const load = (file: string) => import(pathToFileURL(path.join(core, file)).href);
  return { lighthouse: (await load('index.js')).default, desktop: (await load('config/desktop-config.js')).default };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;

/** What the page loaded of scripts until it stood still: on the wire, and unpacked. */
function scriptsOf({ audits }: Report) {
  const items = audits['network-requests']?.details?.items ?? [];
  const scripts = items.filter(({ resourceType }) => resourceType === 'Script');
  const sum = (key: 'transferSize' | 'resourceSize') => scripts.reduce((total, item) => total + (item[key] ?? 0), 0);
  return { files: scripts.length, transfer: sum('transferSize'), unpacked: sum('resourceSize') };
}

/** What took points away, worst first. */
function losses(report: Report): string[] {
  return CATEGORIES.flatMap((category) =>
    (report.categories[category]?.auditRefs ?? [])
      .filter(({ id, weight }) => weight > 0 && (report.audits[id]?.score ?? 1) < 0.9)
      .map(({ id }) => `${category}: ${report.audits[id]?.title} ${report.audits[id]?.displayValue ?? ''}`.trim()),
  );
}

const { lighthouse, desktop } = await loadLighthouse();
const stack = await startStack({ build: !options['no-build'] });
const client = await openStackClient(stack);
const port = await freePort();
const browser = await launchChromium({ args: [`--remote-debugging-port=${port}`] });
try {
  const stops = await prepareTour(client);
  const { page } = await openPage(browser, stack);
  await signIn(page, stack);
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  await page.context().close();
  // What depends on what somebody does on the page first is no page load.
  const pages = stops.filter(
    ({ name, arrange }) => !arrange && (!options.only || options.only.split(',').includes(name)),
  );
  const lines: string[][] = [['page', ...CATEGORIES, 'LCP', 'TBT', 'CLS', 'JavaScript: files, sent, unpacked']];
  const results: object[] = [];
  for (const stop of pages) {
    const reports: Report[] = [];
    for (let run = 0; run < Number(options.runs); run++) {
      const flags = {
        port,
        output: 'json',
        logLevel: 'error',
        onlyCategories: CATEGORIES,
        extraHeaders: stop.isSignedOut ? {} : { cookie },
      };
      const result = await lighthouse(stack.url + stop.path, flags, options.device === 'mobile' ? undefined : desktop);
      if (result) reports.push(result.lhr);
    }
    const [first] = reports;
    if (!first) throw new Error(`no report of ${stop.path}`);
    const score = (category: string) =>
      median(reports.map(({ categories }) => (categories[category]?.score ?? 0) * 100));
    const scores = CATEGORIES.map((category) => Math.round(score(category)));
    const scripts = scriptsOf(first);
    const shown = (id: string) => first.audits[id]?.displayValue ?? '';
    lines.push([
      stop.name,
      ...scores.map(
        (value, index) => `${value}${value < GOALS[CATEGORIES[index] as (typeof CATEGORIES)[number]] ? ' !' : ''}`,
      ),
      shown('largest-contentful-paint'),
      shown('total-blocking-time'),
      shown('cumulative-layout-shift'),
      `${scripts.files}, ${kilobytes(scripts.transfer)}, ${kilobytes(scripts.unpacked)}`,
    ]);
    const lost = losses(first);
    results.push({ page: stop.name, scores, scripts, lost });
    console.error(`${stop.name}: ${scores.join(' / ')}${lost.length > 0 ? `\n  ${lost.join('\n  ')}` : ''}`);
  }
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  console.log(`medians of ${options.runs}, ${options.device}; goals ${Object.values(GOALS).join(' / ')}`);
  if (options.json) fs.writeFileSync(options.json, JSON.stringify(results, null, 2));
} finally {
  await browser.close();
  await client.close();
  await stack.stop();
}
