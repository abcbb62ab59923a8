// The same request again does nothing again: by its key, by the file's place, by the file's bytes.
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../support/random.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { type Answer, openStackClient, type StackClient } from '../support/stack-client.ts';

let stack: Stack;
let client: StackClient;
/** No two files are the same. */
const random = new Random(1);

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query('create schema vez; create table vez.t (id int primary key)');
  for (const name of ['uma', 'outra']) await client.call('POST', '/api/figuras', { name, table: 'vez.t' });
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

const put = (key: string | null, body: object, figura = 'uma', more: Record<string, string> = {}) =>
  client.call('PUT', `/api/${figura}/_bulk`, body, { ...(key === null ? {} : { 'idempotency-key': key }), ...more });
const upload = (text = `{"id":${random.integer(1, 1e9)}}\n`, figura = 'uma') => client.upload(figura, text, 'x.ndjson');
const jobsOf = async (url: string) =>
  (
    await client.db.query(
      `select count(*)::int as n from carga.jobs where 's3://' || bucket || '/' || object_key = $1`,
      [url],
    )
  ).rows[0].n;
const seen = ({ status, text, headers }: Answer) => [status, text, headers.get('location'), headers.get('retry-after')];

describe('a key', () => {
  test('gives the same answer again, also once the job has ended', async () => {
    const [key, url] = [randomUUID(), await upload()];
    const first = await put(key, { url, force: true });
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([202, null]);
    await client.untilEnd('uma', first.json.id);
    const again = await put(key, { force: true, url });
    expect(seen(again)).toEqual(seen(first));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(await jobsOf(url)).toBe(1);
  });

  test('stands for one request of one caller on one route', async () => {
    const [key, url] = [randomUUID(), await upload()];
    const first = await put(key, { url });
    expect((await put(key, { url, onError: 'abort' })).json.code).toBe('idempotency_key_reused');
    expect((await put(key, { url }, 'outra')).json.code).toBe('idempotency_key_reused');
    await client.untilEnd('uma', first.json.id);
    const figura = { name: `f${Date.now()}`, table: 'vez.t' };
    const post = () => client.call('POST', '/api/figuras', figura, { 'idempotency-key': key });
    expect([(await post()).status, (await post()).status]).toEqual([201, 201]);
    const other = await client.call('POST', '/api/keys', { name: 'o', role: 'operator', figuras: ['*'] });
    const theirs = await put(key, { url, force: true }, 'uma', { authorization: `Bearer ${other.json.secret}` });
    expect(theirs.status).toBe(202);
  });

  test('fifty at once are one job; whoever comes while it is at work is told to wait', async () => {
    const [key, url] = [randomUUID(), await upload()];
    const answers = await Promise.all(Array.from({ length: 50 }, () => put(key, { url, force: true })));
    const done = answers.filter(({ status }) => status === 202);
    const waiting = answers.filter(({ status }) => status === 409);
    expect([done.length + waiting.length, new Set(done.map(({ text }) => text)).size]).toEqual([50, 1]);
    for (const { json, headers } of waiting) {
      expect([json.code, headers.get('retry-after')]).toEqual(['idempotency_key_in_flight', '1']);
    }
    expect(await jobsOf(url)).toBe(1);
    expect(seen(await put(key, { url, force: true }))).toEqual(seen(done[0] as Answer));
  });

  test('is free again after a refusal', async () => {
    const key = randomUUID();
    const missing = `s3://${stack.s3.bucket}/nada.ndjson`;
    expect((await put(key, { url: missing })).json.code).toBe('source_not_found');
    expect((await put(key, { url: await upload() })).status).toBe(202);
  });

  test('is live for a day, and a claim of a process that died for a minute', async () => {
    const [key, url] = [randomUUID(), await upload()];
    await put(key, { url });
    const age = (column: string, by: string) =>
      client.db.query(`update carga.idempotency_keys set ${column} = ${column} - $2::interval where key = $1`, [
        key,
        by,
      ]);
    await age('created_at', '25 hours');
    const another = await upload();
    expect((await put(key, { url: another })).status).toBe(202);
    await client.db.query('update carga.idempotency_keys set answer = null where key = $1', [key]);
    expect((await put(key, { url: another })).json.code).toBe('idempotency_key_in_flight');
    await age('claimed_at', '61 seconds');
    const taken = await put(key, { url: another });
    expect([taken.status, await jobsOf(another)]).toEqual([200, 1]);
  });
});

describe('a file', () => {
  test('fifty equal requests at once are one job', async () => {
    const url = await upload();
    const answers = await Promise.all(Array.from({ length: 50 }, () => put(null, { url })));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(49).fill(200), 202]);
  });

  test('that was loaded before from another place is known by its checksum, where the upload names it', async () => {
    const text = `{"id":${random.integer(1, 1e9)}}\n`;
    const sha256 = createHash('sha256').update(text).digest('hex');
    const first = await put(null, { url: await upload(text) });
    await client.untilEnd('uma', first.json.id);
    const named = async () => {
      const ticket = await client.call('POST', '/api/uma/_bulk/uploads', {
        fileName: 'y.ndjson',
        size: text.length,
        sha256,
      });
      await fetch(ticket.json.put.url, { method: 'PUT', headers: ticket.json.put.headers, body: text });
      return ticket.json.url as string;
    };
    const url = await named();
    const again = await put(null, { url });
    expect([again.status, again.json.id]).toEqual([200, first.json.id]);
    // Unnamed, it is a file like any other; with other options or force, another job.
    expect((await put(null, { url: await upload(text) })).status).toBe(202);
    expect((await put(null, { url, onError: 'abort' })).status).toBe(202);
    expect((await put(null, { url, force: true })).status).toBe(202);
    const urls = await Promise.all(Array.from({ length: 10 }, named));
    const answers = await Promise.all(urls.map((one) => put(null, { url: one, mode: 'append' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 202]);
  });
});
