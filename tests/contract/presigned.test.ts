// A presigned address is a password for one object, one size, one type, a quarter of an hour.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchAgainIfClosed } from '../support/fetch-again.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const ROUNDS = 10;
const SIZE = 1000;
const TYPE = 'text/csv';

let stack: Stack;
let client: StackClient;
let s3: S3Client;
const answers: string[] = [];

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  client = await openStackClient(stack);
  const { endpoint, region, accessKeyId, secretAccessKey } = stack.s3;
  s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  await client.db.query('create schema fixo; create table fixo.itens (id int primary key, nome text not null)');
  await client.call('POST', '/api/figuras', { name: 'itens', table: 'fixo.itens' });
});
afterAll(async () => {
  s3?.destroy();
  await client?.close();
  await stack?.stop();
});

const body = (size: number, letter = 'a') => Buffer.alloc(size, letter);
async function createUpload(size = SIZE, contentType = TYPE) {
  return (await client.call('POST', '/api/itens/_bulk/uploads', { fileName: 'a.csv', size, contentType })).json;
}
const keyOf = (url: string) => new URL(url.replace('s3://', 'http://')).pathname.slice(1);
const isThere = (key: string) =>
  s3.send(new HeadObjectCommand({ Bucket: stack.s3.bucket, Key: decodeURIComponent(key) })).then(
    () => true,
    () => false,
  );

/** Sends bytes to an address as a stranger would and gives the status; a connection that is cut is a refusal too. */
async function put(url: string, content: Buffer | ReadableStream, headers: Record<string, string>, method = 'PUT') {
  const init: RequestInit & { duplex?: 'half' } = { method, headers, redirect: 'manual' };
  if (method !== 'GET' && method !== 'HEAD') init.body = content as BodyInit;
  if (content instanceof ReadableStream) init.duplex = 'half';
  return fetchAgainIfClosed(url, init).then(
    async (answer) => {
      answers.push(await answer.text());
      return answer.status;
    },
    () => 0,
  );
}

/** The address with one of its parameters changed; undefined takes it away. */
function edited(url: string, name: string, value?: string): string {
  const address = new URL(url);
  if (value === undefined) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  return address.href;
}

const typed = { 'content-type': TYPE };

test('an address takes nothing but what it was signed for', async () => {
  const victim = await createUpload();
  const ticket = await createUpload();
  const { url } = ticket.put;
  const parameter = (name: string) => new URL(url).searchParams.get(name) ?? '';
  const signature = parameter('X-Amz-Signature');
  const elsewhere = (path: string) => Object.assign(new URL(url), { pathname: path }).href;
  const own = new URL(url).pathname;
  const chunked = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(body(SIZE)));
      controller.close();
    },
  });
  const attacks: [string, Promise<number>][] = [
    ['another object', put(elsewhere(new URL(victim.put.url).pathname), body(SIZE), typed)],
    ['a sibling of the object', put(elsewhere(`${own}x`), body(SIZE), typed)],
    ['the bucket', put(elsewhere(`/${stack.s3.bucket}`), body(SIZE), typed)],
    ['a climb', put(url.replace('/a.csv', '/%2e%2e/a.csv'), body(SIZE), typed)],
    ['another case', put(elsewhere(own.replace('a.csv', 'A.csv')), body(SIZE), typed)],
    ['a longer body', put(url, body(SIZE + 1), typed)],
    ['a much longer body', put(url, body(1000 * SIZE), typed)],
    ['a shorter body', put(url, body(SIZE - 1), typed)],
    ['no body', put(url, body(0), typed)],
    ['a body without a length', put(url, chunked, typed)],
    ['another type', put(url, body(SIZE), { 'content-type': 'text/html' })],
    ['no type', put(url, body(SIZE), {})],
    ['a longer life', put(edited(url, 'X-Amz-Expires', '604800'), body(SIZE), typed)],
    ['another day', put(edited(url, 'X-Amz-Date', '20990101T000000Z'), body(SIZE), typed)],
    ['fewer signed headers', put(edited(url, 'X-Amz-SignedHeaders', 'host'), body(SIZE + 5), typed)],
    ['another key id', put(edited(url, 'X-Amz-Credential', 'X/20260101/us-east-1/s3/aws4_request'), body(SIZE), typed)],
    ['no signature', put(edited(url, 'X-Amz-Signature'), body(SIZE), typed)],
    ['an empty signature', put(edited(url, 'X-Amz-Signature', ''), body(SIZE), typed)],
    [
      'another signature',
      put(
        edited(
          url,
          'X-Amz-Signature',
          signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
        ),
        body(SIZE),
        typed,
      ),
    ],
    ['a signature in capitals', put(edited(url, 'X-Amz-Signature', signature.toUpperCase()), body(SIZE), typed)],
    ['another algorithm', put(edited(url, 'X-Amz-Algorithm', 'AWS4-HMAC-SHA1'), body(SIZE), typed)],
    ['no query at all', put(`${stack.s3.endpoint}${own}`, body(SIZE), typed)],
    ['an access rule along', put(edited(url, 'x-amz-acl', 'public-read'), body(SIZE), typed)],
    ['a copy of another object', put(url, body(0), { ...typed, 'x-amz-copy-source': `/${stack.s3.bucket}/x` })],
    ...(['GET', 'DELETE', 'POST', 'HEAD'] as const).map(
      (method) => [`the method ${method}`, put(url, body(SIZE), typed, method)] as [string, Promise<number>],
    ),
  ];
  const accepted = [];
  for (const [name, answer] of attacks) if ([200, 201, 204].includes(await answer)) accepted.push(name);
  console.log(`presigned address: ${attacks.length} attacks, ${accepted.length} accepted`);
  expect(accepted).toEqual([]);
  expect([await isThere(keyOf(victim.url)), await isThere(keyOf(ticket.url))]).toEqual([false, false]);
  expect(await put(url, body(SIZE), typed)).toBe(200);
});

test('an address of a part takes that part of that upload', async () => {
  const large = 80 * 1024 * 1024;
  const [mine, other] = [await createUpload(large), await createUpload(large)];
  const { partSize, parts } = mine.multipart;
  const first = parts[0].url as string;
  const otherId = new URL(other.multipart.parts[0].url).searchParams.get('uploadId') ?? '';
  const attacks: [string, Promise<number>][] = [
    ['another part', put(edited(first, 'partNumber', '2'), body(partSize), {})],
    ['another upload', put(edited(first, 'uploadId', otherId), body(partSize), {})],
    ['a longer part', put(first, body(partSize + 1), {})],
    ['the end of the upload', put(edited(first, 'partNumber'), body(10), {}, 'POST')],
    ['a whole object', put(edited(edited(first, 'partNumber'), 'uploadId'), body(partSize), {})],
  ];
  const accepted = [];
  for (const [name, answer] of attacks) if ([200, 201, 204].includes(await answer)) accepted.push(name);
  expect(accepted).toEqual([]);
  const { json } = await client.call('GET', `/api/itens/_bulk/uploads/${mine.id}`);
  expect(json.uploaded).toEqual([]);
  for (const { id } of [mine, other]) await client.call('DELETE', `/api/itens/_bulk/uploads/${id}`);
});

test('an upload that grows takes the parts that were signed, within the limit, and ends as the file it was told to be', async () => {
  const MIB = 1024 * 1024;
  const maxFileBytes = 20 * MIB;
  await client.call('POST', '/api/figuras', { name: 'poucos', table: 'fixo.itens', maxFileBytes });
  const uploads = '/api/poucos/_bulk/uploads';
  const begin = { fileName: 'a.parquet', growing: true };
  const { status, json: mine } = await client.call('POST', uploads, begin);
  expect([status, mine.put, mine.multipart]).toEqual([201, undefined, { partSize: 16 * MIB, parts: [] }]);
  const own = `${uploads}/${mine.id}`;
  const { partSize } = mine.multipart;
  const last = 1000;
  const size = partSize + last;
  const sign = async (bytes: number) => (await client.call('GET', `${own}?size=${bytes}`)).json.multipart.parts;
  const codeOf = async (answer: ReturnType<StackClient['call']>) => [(await answer).status, (await answer).json?.code];
  const complete = (parts: unknown, told?: number) =>
    codeOf(client.call('POST', `${own}/complete`, { parts, size: told }));

  const [{ url: first }] = await sign(partSize);
  const [, { url: short }] = await sign(size);
  const attacks: [string, Promise<number>][] = [
    ['a longer part', put(first, body(partSize + 1), {})],
    ['a shorter part', put(first, body(partSize - 1), {})],
    ['a part nobody asked for', put(edited(first, 'partNumber', '2'), body(partSize), {})],
    ['a full part in the place of the last', put(short, body(partSize), {})],
    ['one byte more at the end', put(short, body(last + 1), {})],
  ];
  const accepted = [];
  for (const [name, answer] of attacks) if ([200, 201, 204].includes(await answer)) accepted.push(name);
  expect(accepted).toEqual([]);
  expect(await codeOf(client.call('GET', `${own}?size=${maxFileBytes + 1}`))).toEqual([413, 'file_too_large']);

  expect(await put(first, body(partSize), {})).toBe(200);
  expect((await sign(size)).map(({ partNumber }: { partNumber: number }) => partNumber)).toEqual([2]);
  expect(await put(short, body(last), {})).toBe(200);
  const { json: now } = await client.call('GET', own);
  expect([now.size, now.multipart.parts, now.uploaded.length]).toEqual([null, [], 2]);
  const [one, two] = now.uploaded.map(({ partNumber, etag }: { partNumber: number; etag: string }) => ({
    partNumber,
    etag,
  }));
  expect(await codeOf(client.enqueue('poucos', { url: mine.url }))).toEqual([422, 'source_not_found']);

  const wrong = [
    complete([one, two]),
    complete([one, two], size - 1),
    complete([one, two], size + 1),
    complete([one, two], partSize),
    complete([one], size),
    complete([one, two, { partNumber: 3, etag: 'x' }], size),
    complete([one, { partNumber: 3, etag: two.etag }], size),
    complete([one, { ...two, etag: one.etag }], size),
  ];
  expect(new Set((await Promise.all(wrong)).map(String))).toEqual(new Set(['422,part_mismatch']));
  expect(await complete([one, two], maxFileBytes + 1)).toEqual([413, 'file_too_large']);
  expect(await isThere(keyOf(mine.url))).toBe(false);

  const end = { parts: [two, one], size };
  const ended = await client.call('POST', `${own}/complete`, end);
  expect(ended.json).toEqual({ id: mine.id, url: mine.url, size, etag: expect.stringMatching(/^[0-9a-f]{32}-2$/) });
  // Asked again after a lost answer.
  expect((await client.call('POST', `${own}/complete`, end)).json).toEqual(ended.json);
  expect((await client.call('GET', own)).json).toMatchObject({ status: 'complete', size, uploaded: [] });

  const given = await client.call('POST', uploads, begin);
  const at = `${uploads}/${given.json.id}`;
  const [{ url }] = (await client.call('GET', `${at}?size=${partSize}`)).json.multipart.parts;
  expect(await put(url, body(partSize), {})).toBe(200);
  expect((await client.call('DELETE', at)).status).toBe(204);
  expect(await put(url, body(partSize), {})).toBe(404);
  expect((await client.call('GET', `${at}?size=${partSize}`)).json).toMatchObject({ status: 'aborted', uploaded: [] });
});

test('a file has a size or grows, and only the one that grows is told it at the end', async () => {
  const ask = async (request: object) => {
    const { status, json } = await client.call('POST', '/api/itens/_bulk/uploads', { fileName: 'a.csv', ...request });
    return [status, json.errors?.[0]?.pointer];
  };
  expect(await ask({})).toEqual([422, '/size']);
  expect(await ask({ growing: false })).toEqual([422, '/size']);
  expect(await ask({ growing: true, size: 5 })).toEqual([422, '/size']);
  expect(await ask({ growing: 'yes' })).toEqual([422, '/growing']);
  expect(await ask({ growing: false, size: 5 })).toEqual([201, undefined]);
});

test('an address that has expired is refused', async () => {
  const { url } = await createUpload();
  const command = new PutObjectCommand({ Bucket: stack.s3.bucket, Key: decodeURIComponent(keyOf(url)) });
  const address = await getSignedUrl(s3, command, { expiresIn: 1 });
  await sleep(2100);
  expect(await put(address, body(SIZE), {})).toBe(403);
  expect(await isThere(keyOf(url))).toBe(false);
});

test('nobody goes on with the upload of another', async () => {
  const { json: key } = await client.call('POST', '/api/keys', { name: 'x', role: 'operator', figuras: ['*'] });
  const upload = await createUpload();
  const asOther = { authorization: `Bearer ${key.secret}` };
  for (const [method, tail] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/complete'],
  ] as const) {
    const parts = method === 'POST' ? { parts: [{ partNumber: 1, etag: 'x' }] } : undefined;
    const answer = await client.call(method, `/api/itens/_bulk/uploads/${upload.id}${tail}`, parts, asOther);
    expect([method, answer.status, answer.json?.code]).toEqual([method, 404, 'upload_not_found']);
  }
});

test(`what is sent again after the job was enqueued is never loaded, ${ROUNDS} times`, async () => {
  const jobs: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const good = Buffer.from(`id,nome\n${round + 1},bom\n`);
    const ticket = await createUpload(good.length);
    expect(await put(ticket.put.url, good, typed)).toBe(200);
    const { json } = await client.enqueue('itens', { url: ticket.url });
    jobs.push(json.id);
    // The address lives on: as long, of the same type.
    const bad = Buffer.from(`id,nome\n${round + 1},mau\n`);
    await put(ticket.put.url, bad, typed);
  }
  stack.startWorker();
  const codes = await Promise.all(jobs.map(async (id) => (await client.untilEnd('itens', id)).error?.code ?? 'loaded'));
  const { rows } = await client.db.query("select count(*)::int as bad from fixo.itens where nome <> 'bom'");
  console.log(`sent again after the submit: ${ROUNDS} objects, ${rows[0].bad} loaded, ends: ${[...new Set(codes)]}`);
  expect(rows[0].bad).toBe(0);
  expect(codes.filter((code) => code !== 'source_changed' && code !== 'loaded')).toEqual([]);
});

test('a signature stands in no log, task or answer', async () => {
  const canary = randomBytes(8).toString('hex');
  await client.enqueue('itens', { url: `s3://${stack.s3.bucket}/x.csv?X-Amz-Signature=${canary}` });
  expect(await findSecrets(stack, client, answers, [canary])).toEqual([]);
});
