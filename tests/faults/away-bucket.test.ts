// A bucket that is away, slow, or sends something else than what lies in it: each behind a line that does just that.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { JobDto } from '#lib/api/schemas.ts';
import { type FaultyLine, openFaultyLine } from '../support/faulty-line.ts';
import { writeManyRows } from '../support/million-rows.ts';
import { Random } from '../support/random.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

/** A few in every run; `CARGA_TEST_FLIPS=500` and `CARGA_TEST_REPLACED=50` for the figures of a release. */
const FLIPS = Number(process.env.CARGA_TEST_FLIPS ?? 6);
const REPLACED = Number(process.env.CARGA_TEST_REPLACED ?? 2);
/** `CARGA_TEST_SLOW=1` waits out what takes half a minute. */
const isSlowWanted = process.env.CARGA_TEST_SLOW === '1';
const ROWS = 20_000;
const AT_ONCE = 8;

let stack: Stack;
let client: StackClient;
let line: FaultyLine;
let s3: S3Client;
let file: Buffer;
let made = 0;

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  client = await openStackClient(stack);
  line = await openFaultyLine(new URL(stack.s3.endpoint));
  stack.startWorker({
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${line.port}`,
    WORKER_CONCURRENCY: String(AT_ONCE),
  });
  const { endpoint, region, accessKeyId, secretAccessKey } = stack.s3;
  s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  file = await readFile(await writeManyRows(stack.dataDirectory, ROWS));
});
afterEach(() => {
  line.rewrite = null;
  line.state = 'whole';
});
afterAll(async () => {
  s3?.destroy();
  await client?.close();
  await stack?.stop();
  await line?.close();
});

/** A figura of its own, and a job whose file is put into the bucket. */
async function enqueue(bytes: Uint8Array = file, fileName = 'rows.parquet') {
  const name = `balde_${made++}`;
  await createWatchedTable(client, name);
  const url = await client.upload(name, bytes, fileName);
  const { json } = await client.enqueue(name, { url });
  return { name, url, id: json.id as string };
}

const eventsOf = async (id: string) =>
  (await client.db.query('select code, data from carga.job_events where job_id = $1 order by id', [id])).rows as {
    code: string;
    data: { code?: string };
  }[];
const hasRetry = async (id: string, code: string) =>
  (await eventsOf(id)).some((event) => event.code === 'retry_scheduled' && event.data.code === code);

/** The queue waits e^n seconds between tries; a test does not. */
const hurry = () =>
  client.db.query(`update graphile_worker._private_jobs set run_at = now() where locked_at is null and run_at > now()`);

async function expectAppliedOnce({ name, id }: { name: string; id: string }, rows = ROWS) {
  await hurry();
  expect(await client.untilEnd(name, id, 120)).toMatchObject({
    status: 'complete',
    rows: { read: rows, inserted: rows },
  });
  expect(await readWrites(client, name)).toEqual({ rows, writes: rows, keys: rows });
}

/** Offset of the first byte of a body in what a server of HTTP sends; -1 where the piece holds none. */
function bodyStart(bytes: Buffer): number {
  if (!bytes.subarray(0, 5).equals(Buffer.from('HTTP/'))) return 0;
  const end = bytes.indexOf('\r\n\r\n');
  return end < 0 || end + 4 >= bytes.length ? -1 : end + 4;
}

test.each([
  ['resets every connection', () => Object.assign(line, { state: 'cut' })],
  [
    'answers 503',
    () =>
      Object.assign(line, {
        rewrite: (bytes: Buffer) =>
          bytes.subarray(0, 5).toString() === 'HTTP/'
            ? Buffer.from('HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
            : Buffer.alloc(0),
      }),
  ],
  [
    'breaks off in the middle of the file',
    () => {
      let passed = 0;
      line.rewrite = (bytes) => {
        passed += bytes.length;
        return passed > file.length / 2 ? undefined : bytes;
      };
    },
  ],
])('a bucket that %s: the job waits and is applied once', async (_name, breakIt) => {
  breakIt();
  const job = await enqueue();
  await expect.poll(() => hasRetry(job.id, 'storage_unavailable'), { timeout: 120_000, interval: 200 }).toBe(true);
  // It tries again every few seconds: at one look or another it waits.
  await expect
    .poll(async () => (await client.call('GET', `/api/${job.name}/_bulk/status/${job.id}`)).json)
    .toMatchObject({ status: 'queued', rows: { read: 0 } });
  expect(await readWrites(client, job.name)).toEqual({ rows: 0, writes: 0, keys: 0 });
  line.rewrite = null;
  line.state = 'whole';
  await expectAppliedOnce(job);
});

test.runIf(isSlowWanted).each(['silent', 'dripping'] as const)(
  'a bucket whose line is %s gives the slot free',
  async (state) => {
    line.rewrite = (bytes) => {
      // The answer begins well, then comes no further.
      if (bodyStart(bytes) >= 0) line.state = state;
      return bytes;
    };
    const begun = Date.now();
    const job = await enqueue();
    await expect.poll(() => hasRetry(job.id, 'storage_unavailable'), { timeout: 180_000, interval: 500 }).toBe(true);
    console.log(`line ${state}: given up after ${Date.now() - begun} ms`);
    line.rewrite = null;
    line.state = 'whole';
    await expectAppliedOnce(job);
  },
  300_000,
);

const csv = (rows: number, name: string) => {
  const ids = Array.from({ length: rows }, (_row, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
  return Buffer.from(`id,nome,valor,dados\n${ids.map((id) => `${id},${name},1.00,\n`).join('')}`);
};
const addressOf = (url: string) => {
  const { hostname, pathname } = new URL(url);
  return { Bucket: hostname, Key: decodeURIComponent(pathname.slice(1)) };
};
const countOf = (words: string[]) =>
  Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((one) => one === word).length]));

test('a bit that flips on the line is noticed, and the file fetched anew', async () => {
  let flips = 0;
  line.rewrite = (piece) => {
    const start = bodyStart(piece);
    if (start < 0 || flips > 0) return piece;
    flips += 1;
    // Within a value: nothing but the sum of the whole could tell.
    const at = piece.indexOf('certo', start);
    piece[at] = (piece[at] as number) ^ 1;
    return piece;
  };
  const job = await enqueue(csv(500, 'certo'), 'linhas.csv');
  await expectAppliedOnce(job, 500);
  expect(flips).toBe(1);
  const { rows } = await client.db.query(`select distinct nome from falhas.${job.name}`);
  expect(rows).toEqual([{ nome: 'certo' }]);
});

const ndjson = (rows: number, name: string) =>
  Buffer.from(
    Array.from({ length: rows }, (_row, n) => {
      const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
      return `${JSON.stringify({ id, nome: name, valor: 1, dados: null })}\n`;
    }).join(''),
  );

/** Holds the line in the middle of a file until rows of it are staged; then `next` says what becomes of the line. */
async function holdUntilStaged(
  bytes: Buffer,
  fileName: string,
  next: (job: { name: string; id: string }) => boolean | Promise<boolean>,
) {
  const held = Promise.withResolvers<boolean>();
  let passed = 0;
  let isHeld = false;
  line.rewrite = (piece) => {
    passed += piece.length;
    if (isHeld || passed < bytes.length * 0.8) return piece;
    isHeld = true;
    return held.promise.then((goesOn) => (goesOn ? piece : undefined));
  };
  const job = await enqueue(bytes, fileName);
  await expect
    .poll(async () => (await client.call('GET', `/api/${job.name}/_bulk/status/${job.id}`)).json, {
      timeout: 60_000,
      interval: 50,
    })
    .toMatchObject({ status: 'processing', phase: 'staging', rows: { read: expect.toSatisfy((read) => read > 5000) } });
  expect(await readWrites(client, job.name)).toEqual({ rows: 0, writes: 0, keys: 0 });
  held.resolve(await next(job));
  return job;
}

const ARRIVING = [
  ['csv', csv(ROWS * 2, 'certo')],
  ['ndjson', ndjson(ROWS * 2, 'certo')],
] as const;

test.each(ARRIVING)(
  '%s is staged while the rest of it is on the line, and applied once when it is here',
  async (format, bytes) => {
    const job = await holdUntilStaged(bytes, `linhas.${format}`, () => true);
    await expectAppliedOnce(job, ROWS * 2);
  },
);

test.each(ARRIVING)(
  '%s whose line breaks off after rows were staged is applied once by the next try',
  async (format, bytes) => {
    const job = await holdUntilStaged(bytes, `linhas.${format}`, () => false);
    await expect.poll(() => hasRetry(job.id, 'storage_unavailable'), { timeout: 120_000, interval: 200 }).toBe(true);
    line.rewrite = null;
    await expectAppliedOnce(job, ROWS * 2);
  },
);

test('a load is cancelled within two seconds while its rows are staged and the line is silent', async () => {
  let cancelledIn = Number.POSITIVE_INFINITY;
  const job = await holdUntilStaged(csv(ROWS * 2, 'certo'), 'linhas.csv', async ({ name, id }) => {
    const begun = performance.now();
    expect((await client.call('POST', `/api/${name}/_bulk/status/${id}/cancellation`)).status).toBeLessThan(300);
    expect((await client.untilEnd(name, id, 60)).status).toBe('cancelled');
    cancelledIn = performance.now() - begun;
    return false;
  });
  expect(cancelledIn).toBeLessThan(2000);
  expect(await readWrites(client, job.name)).toEqual({ rows: 0, writes: 0, keys: 0 });
});

test(`files that are not what was announced are refused: ${FLIPS} with a flipped bit, ${FLIPS} cut short`, {
  timeout: Math.max(300_000, FLIPS * 3_000),
}, async () => {
  await createWatchedTable(client, 'anunciado');
  const random = new Random(FLIPS);
  const ends: Promise<JobDto>[] = [];
  const codes: string[] = [];
  for (let round = 0; round < 2 * FLIPS; round += 1) {
    const good = csv(50, `certo ${round}`);
    const sha256 = createHash('sha256').update(good).digest('hex');
    const body = { fileName: 'a.csv', size: good.length, sha256 };
    const { json: ticket } = await client.call('POST', '/api/anunciado/_bulk/uploads', body);
    const at = random.integer(0, good.length - 1);
    const bad = Buffer.from(round % 2 === 0 ? good : good.subarray(0, Math.max(30, at)));
    if (round % 2 === 0) bad[at] = (bad[at] as number) ^ (1 << random.integer(0, 6));
    // Past the service and its signature: as the bucket would have it after a fault of its own.
    await s3.send(new PutObjectCommand({ ...addressOf(ticket.url), Body: bad }));
    const { status, json } = await client.enqueue('anunciado', { url: ticket.url });
    // Its first bytes may tell already that it is no CSV.
    if (status === 415) codes.push(json.code);
    else ends.push(client.untilEnd('anunciado', json.id));
    if (ends.length % 50 === 49) await Promise.all(ends);
  }
  for (const { status, error } of await Promise.all(ends)) codes.push(error?.code ?? status);
  console.log(`not what was announced: ${2 * FLIPS} files, ends: ${JSON.stringify(countOf(codes))}`);
  expect(codes).toHaveLength(2 * FLIPS);
  expect(codes.filter((code) => !/^(checksum_mismatch|format_contradiction|unknown_format)$/.test(code))).toEqual([]);
  expect(await readWrites(client, 'anunciado')).toEqual({ rows: 0, writes: 0, keys: 0 });
});

test(`an object that is replaced or removed while it is read is never mixed, ${REPLACED} times each`, {
  timeout: Math.max(300_000, REPLACED * 60_000),
}, async () => {
  const [before, after] = [csv(5000, 'antes'), csv(5000, 'agora')];
  const random = new Random(REPLACED);
  const ends: JobDto[] = [];
  let mixed = 0;
  for (let round = 0; round < 4 * REPLACED; round += 1) {
    // Held in the middle, and then let go on or broken off.
    const [isRemoved, isBroken] = [round % 2 === 1, round % 4 > 1];
    let passed = 0;
    let isHeld = false;
    const middle = random.integer(10_000, before.length - 10_000);
    line.rewrite = async (piece) => {
      passed += piece.length;
      if (passed < middle || isHeld) return piece;
      isHeld = true;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return isBroken ? undefined : piece;
    };
    let goOn = () => {};
    const job = await enqueue(before, 'linhas.csv');
    await expect.poll(() => isHeld, { timeout: 60_000, interval: 10 }).toBe(true);
    const address = addressOf(job.url);
    if (isRemoved) await s3.send(new DeleteObjectCommand(address));
    else await s3.send(new PutObjectCommand({ ...address, Body: after }));
    goOn();
    const hurrying = setInterval(() => void hurry(), 200);
    const end = await client.untilEnd(job.name, job.id).finally(() => clearInterval(hurrying));
    ends.push(end);
    const { rows } = await client.db.query(`select nome, count(*)::int as n from falhas.${job.name} group by nome`);
    const isWhole = end.status === 'complete' && rows.length === 1 && rows[0].nome === 'antes' && rows[0].n === 5000;
    if (!isWhole && !(end.status === 'error' && rows.length === 0)) mixed += 1;
    if (isBroken) expect(end.error?.code).toBe(isRemoved ? 'source_not_found' : 'source_changed');
    await client.db.query(`drop table falhas.${job.name}; drop table falhas.${job.name}_writes`);
  }
  console.log(
    `replaced or removed amid the reading: ${ends.length} objects, ${mixed} mixed, ends: ${JSON.stringify(countOf(ends.map(({ status, error }) => error?.code ?? status)))}`,
  );
  expect(mixed).toBe(0);
});
