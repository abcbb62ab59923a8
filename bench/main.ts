// `npm run bench`: Carga beside the floor and its peers, on the same rows and the same server, as one table.
import '#lib/process/require-node.ts';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';
import { countReported, putFile, registerTarget, runCarga } from './carga.ts';
import { type BenchCase, CASES, type CaseName } from './cases.ts';
import { type CaseFiles, DataMaker, megabytes } from './data.ts';
import { isInstalled, runFloor } from './floor.ts';
import { type BenchOptions, type BenchPart, readOptions, USAGE } from './options.ts';
import { runPeer } from './peers.ts';
import { formatTable, type Run } from './report.ts';
import { createBase, createTarget, hashTarget, resetTarget } from './target.ts';
import { UsageWatch } from './usage.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Everything the runs of one part of a bench share. */
interface Bench {
  options: BenchPart;
  stack: Stack;
  client: StackClient;
  hasPsql: boolean;
  runs: Run[];
  notes: Set<string>;
}

async function timed<T>({ stack }: Bench, work: () => Promise<T>) {
  const worker = stack.workers[0]?.pid ?? 0;
  const watch = new UsageWatch({ worker, postgres: stack.postgres.pid });
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  return { result, seconds, usage: watch.end() };
}

function keep(bench: Bench, run: Run): void {
  bench.runs.push(run);
  const phases = Object.entries(run.phases).map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`);
  say(`${run.case}, ${run.who}: ${run.seconds.toFixed(2)} s (${phases.join(', ')}) ${run.wrong.join('; ')}`);
}

async function benchCase(bench: Bench, name: CaseName, files: CaseFiles, urls: Record<string, string>): Promise<void> {
  const { options, stack, client } = bench;
  const { db } = client;
  const { rows } = options;
  const subject: BenchCase = CASES[name];
  const base = subject.base === null ? null : name;
  let hash: string | null = null;
  for (let round = 0; round < options.runs; round++) {
    if (options.floor) {
      await resetTarget(db, base);
      const { result, seconds, usage } = await timed(bench, () =>
        runFloor(db, stack.databaseUrl, files.text, bench.hasPsql),
      );
      hash = await hashTarget(db);
      const ofFloor = { ...usage, workerCpu: null, readerCpu: null, workerPeakBytes: null, readerPeakBytes: null };
      const alone = { ...ofFloor, bothPeakBytes: null };
      keep(bench, { case: name, who: 'floor', rows, seconds, phases: result, usage: alone, wrong: [] });
    }
    for (const [format, url] of Object.entries(urls)) {
      await resetTarget(db, base);
      const { result, seconds, usage } = await timed(bench, () => runCarga(client, url));
      const { job, phases } = result;
      const reported = await countReported(client, job);
      const wrong = differences(subject, rows, job.rows, reported);
      if (hash !== null && (await hashTarget(db)) !== hash) wrong.push('the table is not the one the floor made');
      const who = `carga ${format}`;
      keep(bench, { case: name, who, rows, seconds, phases, usage, outcomes: job.rows, reported, wrong });
    }
  }
  for (const peer of options.peers) {
    for (let round = 0; round < options.runs; round++) {
      await resetTarget(db, base);
      const { textRows } = files;
      const peerRun = { db, url: stack.databaseUrl, textFile: files.text, rows: textRows, peerRows: options.peerRows };
      const taken = await runPeer(peer, { ...peerRun, isEmpty: base === null });
      if (typeof taken === 'string') {
        bench.notes.add(
          `${peer} did not run in ${taken === 'only inserts' ? 'other cases than empty' : 'any case'}: ${taken}.`,
        );
        break;
      }
      keep(bench, { case: name, who: peer, ...taken, phases: {}, usage: null, wrong: [] });
    }
  }
}

function differences(subject: BenchCase, rows: number, outcomes: NonNullable<Run['outcomes']>, reported: number) {
  const wrong = Object.entries(subject.expected(rows))
    .filter(([outcome, count]) => outcomes[outcome as keyof typeof outcomes] !== count)
    .map(([outcome, count]) => `${outcome} ${outcomes[outcome as keyof typeof outcomes]}, expected ${count}`);
  const { read, ...others } = outcomes;
  if (read !== rows || Object.values(others).reduce((sum, count) => sum + count, 0) !== rows)
    wrong.push('rows are missing');
  if (reported !== outcomes.rejected) wrong.push(`${reported} of ${outcomes.rejected} rejected rows are reported`);
  return wrong;
}

async function runBench(options: BenchOptions): Promise<void> {
  const stack = await startStack({ build: options.build });
  const directory = path.join(stack.dataDirectory, 'bench');
  const parts: { options: BenchPart; notes: string[]; runs: Run[] }[] = [];
  try {
    await mkdir(directory);
    const client = await openStackClient(stack);
    const hasPsql = await isInstalled('psql');
    const { rows: versions } = await client.db.query('show server_version');
    const machine = [
      `The floor is ${hasPsql ? 'psql' : 'pg-copy-streams, for want of psql'}: \\copy, ANALYZE, MERGE of ready text.`,
      `PostgreSQL ${versions[0].server_version}, Node ${process.versions.node}, ${os.availableParallelism()} cores, ${new Date().toISOString()}.`,
    ];
    await createTarget(client.db);
    await registerTarget(client);
    const maker = await DataMaker.open(directory);
    for (const part of options.parts) {
      const start = performance.now();
      const bench: Bench = { options: part, stack, client, hasPsql, runs: [], notes: new Set(machine) };
      await runPart(bench, maker);
      addClosing(bench);
      bench.notes.add(`This part took ${Math.round((performance.now() - start) / 1000)} s.`);
      const notes = [...bench.notes];
      console.log(`\n## ${part.title}\n\n${formatTable(bench.runs, notes)}`);
      parts.push({ options: part, notes, runs: bench.runs });
      // What was measured is kept, whatever becomes of the next part.
      if (options.jsonFile) await writeFile(options.jsonFile, JSON.stringify(parts, null, 1));
    }
    maker.close();
    await client.close();
    if (parts.some(({ runs }) => runs.some(({ wrong }) => wrong.length > 0))) process.exitCode = 1;
  } finally {
    await stack.stop();
  }
}

async function runPart(bench: Bench, maker: DataMaker): Promise<void> {
  const { options, stack, client } = bench;
  for (const name of options.cases) {
    const subject: BenchCase = CASES[name];
    const files = await maker.writeCase(name, subject, options);
    const sizes = Object.entries(files.sources).map(([format, file]) => `${format} ${megabytes(file)} MB`);
    say(`${name} (${subject.title}): ${options.rows} rows, ${sizes.join(', ')}, text ${megabytes(files.text)} MB`);
    if (subject.base !== null) {
      await createBase(client.db, name, await maker.writeBase(name, subject.base, options.rows));
    }
    const urls: Record<string, string> = {};
    for (const [format, file] of Object.entries(files.sources)) {
      urls[format] = await putFile(stack, file, `bench/${name}.${format}`);
    }
    await benchCase(bench, name, files, urls);
    await client.db.query(`drop table if exists bench.base_${name}`);
    await rm(files.text, { force: true });
    for (const file of Object.values(files.sources)) await rm(file, { force: true });
  }
}

/** Says what the table cannot. */
function addClosing({ options, runs, notes }: Bench): void {
  if (runs.some(({ who }) => who === 'values' || who === 'prisma')) {
    notes.add(
      `values and prisma took ${options.peerRows} and ${Math.ceil(options.peerRows / 5)} rows of the same file; their ~ratio is per row, which flatters them: their time grows with the rows or faster.`,
    );
  }
  const worst = Math.max(0, ...runs.map(({ usage }) => usage?.bothPeakBytes ?? 0));
  if (worst > 0) notes.add(`Worker and reader together never held more than ${Math.round(worst / 1e6)} MB.`);
}

try {
  await runBench(readOptions(process.argv.slice(2)));
} catch (error) {
  const isUsage =
    error instanceof Error &&
    (error.message.startsWith('--') || String(Object(error).code).startsWith('ERR_PARSE_ARGS'));
  say(isUsage ? `${(error as Error).message}\n\n${USAGE}` : String((error as Error).stack ?? error));
  process.exitCode = 1;
}
