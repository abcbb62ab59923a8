// `npm run bench:browser`: files converted by the import page in Chromium, beside hyparquet-writer fed the same way.
import '#lib/process/require-node.ts';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';
import { compareRows } from './browser-compare.ts';
import { COLUMNS, writeCsv, writeSheet } from './browser-data.ts';
import { type Conversion, openWatchedPage, timeConversion } from './browser-page.ts';

const USAGE = `npm run bench:browser -- [options]
  --rows 1000000       rows of the CSV
  --sheet-rows 100000  rows of the XLSX; 0 for none
  --line 50            Mbit/s of a line over which the CSV is sent once more, with and without parts going ahead; 0 for none
  --runs 1             runs of which the median counts
  --json FILE          all runs, as JSON
  --no-build           takes the web application as it was built last
  --no-peers           Carga alone`;

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    'sheet-rows': { type: 'string', default: '100000' },
    line: { type: 'string', default: '50' },
    runs: { type: 'string', default: '1' },
    json: { type: 'string' },
    build: { type: 'boolean', default: true },
    peers: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string) => process.stderr.write(`${line}\n`);

/** One conversion, and what came out of it. */
interface Run extends Conversion {
  who: string;
  rows: number;
  sourceBytes: number;
  bytes: number;
  /** What differs from the source; empty when all is well. */
  wrong: string[];
}

const folder = path.join(os.tmpdir(), `carga-bench-browser-${process.pid}`);
const runs: Run[] = [];

/** The import page as a person uses it: choose, wait until every row was converted and checked, send, read back. */
async function runCarga(stack: Stack, client: StackClient, file: string, rows: number, who: string): Promise<void> {
  const { browser, page } = await openWatchedPage();
  try {
    await signIn(page, stack, '/importar?figura=clientes');
    await page.getByLabel('Figura').waitFor();
    const conversion = await timeConversion(
      browser,
      page,
      () => page.locator('input[type=file]').first().setInputFiles(file),
      () => page.getByText('Pronto para importar', { exact: true }).waitFor(),
    );
    await page.getByRole('button', { name: /^Importar [\d.]+ linhas$/ }).click();
    await page.waitForURL(/\/cargas\/clientes\//);
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const output = path.join(folder, `${id}.parquet`);
    const sent = await client.api.download(`/api/clientes/_bulk/status/${id}/file`);
    await writeFile(output, new Uint8Array(await sent.arrayBuffer()));
    await keep({ who, rows, file, output, conversion });
  } finally {
    await browser.close();
  }
}

/** Seconds from a file's choice to its job over a line of so many Mbit/s, by somebody who says yes at once. */
async function timeLine(stack: Stack, file: string, megabits: number, isAhead: boolean): Promise<number> {
  const { browser, page } = await openWatchedPage();
  try {
    await signIn(page, stack, '/importar?figura=clientes');
    await page.getByLabel('Figura').waitFor();
    // Without an upload that grows the page sends everything after the yes.
    const refuse = (asked: string | null) => !isAhead && asked?.includes('"growing"') === true;
    await page.route('**/_bulk/uploads', (route) =>
      refuse(route.request().postData()) ? route.fulfill({ status: 403 }) : route.continue(),
    );
    const network = await page.context().newCDPSession(page);
    const throughput = (megabits * 1e6) / 8;
    await network.send('Network.enable');
    await network.send('Network.emulateNetworkConditions', {
      ...{ offline: false, latency: 0 },
      ...{ downloadThroughput: throughput, uploadThroughput: throughput },
    });
    const startedAt = performance.now();
    await page.locator('input[type=file]').first().setInputFiles(file);
    await page.getByRole('button', { name: /^Importar [\d.]+ linhas$/ }).click();
    await page.waitForURL(/\/cargas\/clientes\//);
    return (performance.now() - startedAt) / 1000;
  } finally {
    await browser.close();
  }
}

/** hyparquet-writer in a worker of a page that does nothing else. */
async function runPeer(url: string, file: string, rows: number, codec: 'SNAPPY' | 'GZIP'): Promise<void> {
  const { browser, page } = await openWatchedPage();
  try {
    await page.goto(url);
    const done = () => page.locator('#done').waitFor();
    const begin = async () => {
      await page.evaluate((name) => document.body.setAttribute('data-codec', name), codec);
      await page.locator('input').setInputFiles(file);
    };
    const conversion = await timeConversion(browser, page, begin, done);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#done').click()]);
    const output = path.join(folder, `peer-${codec}.parquet`);
    await download.saveAs(output);
    await keep({ who: `hyparquet-writer, ${codec}`, rows, file, output, conversion });
  } finally {
    await browser.close();
  }
}

async function keep(done: { who: string; rows: number; file: string; output: string; conversion: Conversion }) {
  const { who, rows, file, output, conversion } = done;
  const wrong = await compareRows(path.join(folder, 'rows.csv'), output, rows);
  const [source, result] = await Promise.all([stat(file), stat(output)]);
  runs.push({ ...conversion, who, rows, sourceBytes: source.size, bytes: result.size, wrong });
  await rm(output);
  say(
    `${who}: ${conversion.seconds.toFixed(1)} s, ${Math.round(rows / conversion.seconds)} rows/s ${wrong.join('; ')}`,
  );
}

const PEER_PAGE = `<!doctype html><meta charset="utf-8"><input type="file"><script type="module">
document.querySelector('input').onchange = ({ target }) => {
  const worker = new Worker('/peer.js', { type: 'module' });
  worker.onmessage = ({ data }) => {
    const link = Object.assign(document.createElement('a'), { id: 'done', textContent: data.rows, download: 'x.parquet' });
    link.href = URL.createObjectURL(data.bytes);
    document.body.append(link);
  };
  worker.postMessage({ file: target.files[0], codec: document.body.dataset.codec });
};
</script>`;

/** Serves the peer's page and its worker, bundled. */
async function servePeer(): Promise<{ url: string; close: () => void }> {
  const bundle = await rolldown({
    input: path.join(import.meta.dirname, 'browser-peer.worker.ts'),
    platform: 'browser',
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const server = http.createServer((request, response) => {
    const isScript = request.url === '/peer.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? output[0].code : PEER_PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://localhost:${port}/`, close: () => server.close() };
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;

function formatTable(): string {
  const header = [
    'who',
    'rows',
    'source MB',
    'seconds',
    'rows/s',
    'CPU s',
    'Parquet MB',
    'renderer MB',
    'browser MB',
    'longest task ms',
    'of CPU',
    'longest pause ms',
    '÷ peer',
  ];
  const names = [...new Set(runs.map(({ who }) => who))];
  const speedOf = (name: string) => median(runs.filter(({ who }) => who === name).map((run) => run.rows / run.seconds));
  const peers = names.filter((name) => name.startsWith('hyparquet')).map(speedOf);
  const lines = names.map((name) => {
    const same = runs.filter(({ who }) => who === name);
    const worst = (pick: (run: Run) => number) => Math.max(...same.map(pick));
    const [first] = same as [Run];
    const longest = worst(({ longestTaskMs }) => longestTaskMs ?? 0);
    return [
      name,
      first.rows.toLocaleString('en'),
      (first.sourceBytes / 1e6).toFixed(0),
      median(same.map(({ seconds }) => seconds)).toFixed(1),
      Math.round(speedOf(name)).toLocaleString('en'),
      median(same.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1),
      (first.bytes / 1e6).toFixed(1),
      (worst((run) => run.rendererPeakBytes) / 1e6).toFixed(0),
      (worst((run) => run.browserPeakBytes) / 1e6).toFixed(0),
      longest === 0 ? '< 50' : longest.toFixed(0),
      worst((run) => run.longestTaskCpuMs).toFixed(0),
      worst((run) => run.longestPauseMs).toFixed(0),
      name === 'Carga, CSV' && peers.length > 0
        ? peers.map((peer) => (speedOf(name) / peer).toFixed(2)).join(', ')
        : '',
    ];
  });
  const table = [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  const wrong = runs.flatMap((run) => run.wrong.map((words) => `WRONG: ${run.who}: ${words}`));
  return [...table, '', ...wrong].join('\n');
}

if (options.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
await mkdir(folder, { recursive: true });
// No worker: what is timed is the browser, and the file is only read back.
const stack = await startStack({ workers: 0, build: options.build });
const client = await openStackClient(stack);
const peer = options.peers ? await servePeer() : null;
try {
  const columns = COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ');
  await client.db.query(`create schema loja; create table loja.clientes (${columns})`);
  await client.call('POST', '/api/figuras', { name: 'clientes', table: 'loja.clientes' });
  const rows = Number(options.rows);
  const csv = path.join(folder, 'rows.csv');
  await writeCsv(csv, rows);
  for (let round = 0; round < Number(options.runs); round++) {
    await runCarga(stack, client, csv, rows, 'Carga, CSV');
    if (peer) for (const codec of ['GZIP', 'SNAPPY'] as const) await runPeer(peer.url, csv, rows, codec);
  }
  const lines: string[] = [];
  const megabits = Number(options.line);
  for (const isAhead of megabits > 0 ? [true, false] : []) {
    const seconds = await timeLine(stack, csv, megabits, isAhead);
    const how = isAhead ? 'parts sent while it is read' : 'everything sent after it was read';
    lines.push(`CSV over ${megabits} Mbit/s, from choice to job, ${how}: ${seconds.toFixed(1)} s`);
  }
  const sheetRows = Number(options['sheet-rows']);
  if (sheetRows > 0) {
    const sheet = path.join(folder, 'rows.xlsx');
    await Promise.all([writeSheet(sheet, sheetRows), writeCsv(csv, sheetRows)]);
    for (let round = 0; round < Number(options.runs); round++) {
      await runCarga(stack, client, sheet, sheetRows, 'Carga, XLSX');
    }
  }
  process.stdout.write(`${formatTable()}\n${lines.join('\n')}\n`);
  if (options.json) await writeFile(options.json, `${JSON.stringify(runs, null, 2)}\n`);
} finally {
  peer?.close();
  await client.close();
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(runs.every(({ wrong }) => wrong.length === 0) ? 0 : 1);
