// What an operator's shell does besides pushing, against the whole product.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCarga } from '#cli/run-carga.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

let stack: Stack;
let client: StackClient;
const folder = mkdtempSync(path.join(tmpdir(), 'carga-command-'));
const profile = path.join(folder, 'config', 'profile.json');

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query('create schema loja; create table loja.itens (id int primary key, nome text not null)');
  await client.call('POST', '/api/figuras', { name: 'itens', table: 'loja.itens' });
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const carga = (args: string[], env: Record<string, string> = {}, input?: string) =>
  runCarga(args, { env: { CARGA_PROFILE: profile, ...env }, input });

async function enqueue(content: string, fileName: string, force = false): Promise<string> {
  return (await client.enqueue('itens', { url: await client.upload('itens', content, fileName), force })).json.id;
}

test('login keeps address and key for the owner only, and only when they work', async () => {
  const refused = await carga(['login', '--url', stack.url], {}, 'carga_errada\n');
  expect(refused.code).toBe(4);
  expect(() => statSync(profile)).toThrow();
  const done = await carga(['login', '--url', stack.url], {}, `${stack.apiKey}\n`);
  expect([done.code, done.stderr.includes(stack.apiKey)]).toEqual([0, false]);
  expect(statSync(profile).mode & 0o777).toBe(0o600);
  expect((await carga(['figuras'])).stdout).toContain('itens');
  // The key was given for one address: another gets none.
  expect((await carga(['figuras', '--url', 'http://127.0.0.1:9'])).stderr).toContain('There is no API key');
});

test('keys are made, listed and revoked', async () => {
  const made = await carga([
    'keys',
    'create',
    'erp',
    '--role',
    'viewer',
    '--figura',
    'itens',
    '--expires',
    '2099-01-31',
  ]);
  const secret = made.stdout.trim();
  expect([made.code, secret]).toEqual([0, expect.stringMatching(/^carga_/)]);
  const list = JSON.parse((await carga(['keys', '--json'])).stdout);
  const { id } = list.find(({ name }: { name: string }) => name === 'erp');
  const env = { CARGA_API_KEY: secret };
  expect((await carga(['figuras'], env)).code).toBe(0);
  const forbidden = await carga(['keys'], env);
  expect([forbidden.code, forbidden.stderr.includes('forbidden')]).toEqual([4, true]);
  expect((await carga(['keys', 'revoke', id])).code).toBe(0);
  expect((await carga(['figuras'], env)).code).toBe(4);
  expect((await carga(['keys', 'dance'])).code).toBe(2);
});

test('errors come down as a file that loads once it is mended', async () => {
  const id = await enqueue('id,nome\r\n1,a\r\nx,b\r\n', 'itens.csv');
  await client.untilEnd('itens', id);
  const output = path.join(folder, 'mend.csv');
  expect((await carga(['errors', id, output])).code).toBe(0);
  expect(readFileSync(output, 'utf8')).toMatch(/^\ufeffid,nome,_row,_column,_code,_message\r\nx,b,2,id,invalid_value,/);
  const lines = await carga(['errors', id, '--format', 'ndjson']);
  const mended = lines.stdout.replace('"x"', '2');
  const pushed = await carga(['push', 'itens', '-', '--format', 'ndjson', '--json'], {}, mended);
  expect([pushed.code, JSON.parse(pushed.stdout).rows.inserted]).toEqual([0, 1]);
});

test('a failed job is tried again, a waiting one is cancelled', async () => {
  const failed = await enqueue('{"nome":"sem chave"}\n', 'sem.ndjson');
  await client.untilEnd('itens', failed);
  expect((await carga(['retry', failed])).code).toBe(1);
  expect((await client.call('GET', `/api/itens/_bulk/status/${failed}`)).json.attempts).toBe(2);
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const waiting = await enqueue('{"id":7,"nome":"x"}\n', 'x.ndjson');
  const cancelled = await carga(['cancel', waiting]);
  expect([cancelled.code, cancelled.stdout]).toEqual([0, expect.stringContaining('cancelled')]);
  expect((await carga(['cancel', failed])).code).toBe(1);
  expect((await carga(['retry', waiting])).code).toBe(1);
});
