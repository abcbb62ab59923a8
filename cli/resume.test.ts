import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { answerJson, startTestServer, type TestServer } from '#lib/api-client/test-server.ts';
import { runCarga } from './run-carga.ts';

const ID = '0193a1b2-6f3c-7d4e-8a5b-0c1d2e3f4a5b';
const PART = 1000;
const PARTS = 10;
/** JSON, so that it is converted first: also what is made anew must be the same bytes. */
const CONTENT = JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, nome: `nome ${id * 7919}` })));

const folder = mkdtempSync(path.join(tmpdir(), 'carga-try-'));
const profile = path.join(folder, 'settings', 'profile.json');
afterAll(() => rmSync(folder, { recursive: true }));
let server: TestServer;
afterEach(() => server.close());

/** A service that takes files in parts of a thousand bytes, and its bucket; `stopAt` is told before a part is taken. */
async function startService(stopAt: (partNumber: number) => 'take' | 'hold' | 'refuse') {
  const state = { size: 0, parts: new Map<number, number>(), sent: [] as number[], completed: 0, aborted: 0 };
  const job = { id: ID, status: 'queued', statusUrl: 'http://localhost/x' };
  server = await startTestServer(({ method, url = '', body }, response) => {
    const multipart = () => ({
      partSize: PART,
      parts: Array.from({ length: Math.ceil(state.size / PART) }, (_, index) => ({
        partNumber: index + 1,
        url: `${server.url}/bucket/${index + 1}`,
      })),
    });
    const ticket = () => ({ id: ID, url: 's3://b/k', expiresAt: '2099-01-01T00:00:00Z', multipart: multipart() });
    if (url.startsWith('/api/figuras/')) return answerJson(response, 200, { name: 'itens' });
    if (url.endsWith('/uploads')) {
      state.size = JSON.parse(String(body)).size;
      return answerJson(response, 201, ticket());
    }
    if (url.endsWith('/complete')) {
      state.completed++;
      return answerJson(response, 200, { id: ID, url: 's3://b/k', size: state.size, etag: 'x' });
    }
    if (url.includes('/uploads/') && method === 'GET') {
      const uploaded = [...state.parts].map(([partNumber, size]) => ({ partNumber, size, etag: `e${partNumber}` }));
      return answerJson(response, 200, { ...ticket(), status: 'open', uploaded });
    }
    if (method === 'DELETE') {
      state.aborted++;
      return void response.writeHead(204).end();
    }
    if (!url.startsWith('/bucket/')) return answerJson(response, 202, job);
    const partNumber = Number(url.split('/').at(-1));
    state.sent.push(partNumber);
    const what = stopAt(partNumber);
    if (what === 'hold') return;
    if (what === 'refuse') return void response.writeHead(400).end('<Error><Code>BadDigest</Code></Error>');
    state.parts.set(partNumber, (body as Buffer).length);
    response.writeHead(200, { etag: `"e${partNumber}"` }).end();
  });
  return state;
}

function push(onStart?: (child: ChildProcess) => void) {
  const args = ['push', 'itens', path.join(folder, 'itens.json'), '--no-wait', '--url', server.url, '--key', 'k'];
  return runCarga(args, { env: { CARGA_PROFILE: profile }, onStart });
}

describe('an upload that was cut', () => {
  it.each([
    ['kill -9', 'SIGKILL', 0.1],
    ['kill -9', 'SIGKILL', 0.5],
    ['kill -9', 'SIGKILL', 0.9],
    ['Ctrl-C', 'SIGINT', 0.5],
  ] as const)('by %s goes on, no more than one part sent again (%s at %f)', async (_name, signal, share) => {
    await writeFile(path.join(folder, 'itens.json'), CONTENT);
    let child: ChildProcess | undefined;
    let isCut = false;
    const state = await startService((partNumber) => {
      if (isCut || partNumber < Math.ceil(PARTS * share)) return 'take';
      isCut = true;
      child?.kill(signal);
      return 'hold';
    });
    const cut = await push((started) => {
      child = started;
    });
    expect(cut.code).toBe(signal === 'SIGINT' ? 130 : null);
    if (signal === 'SIGINT') expect(cut.stderr).toContain('the same command goes on from there');
    expect(readFileSync(path.join(folder, 'settings', 'uploads.json'), 'utf8')).toContain(ID);
    const again = await push();
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain('Going on with an upload of this file that was cut.');
    expect([state.completed, state.aborted]).toEqual([1, 0]);
    const count = Math.ceil(state.size / PART);
    console.log(`${signal} at ${share * 100} %: ${state.sent.length} parts sent of ${count}`);
    expect(count).toBeGreaterThanOrEqual(PARTS);
    expect(state.sent.length).toBeLessThanOrEqual(count + 1);
    expect([...state.parts.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
    // It has ended: the next time is a new upload.
    expect(readFileSync(path.join(folder, 'settings', 'uploads.json'), 'utf8').trim()).toBe('{}');
    expect(readdirSync(path.join(folder, 'settings'))).toEqual(['uploads.json']);
  });

  it('of a file that goes in one piece is tried again by itself, and says so', async () => {
    await writeFile(path.join(folder, 'itens.json'), CONTENT);
    let tries = 0;
    let announced: { size?: number } = {};
    server = await startTestServer(({ url = '', body }, response) => {
      if (url.startsWith('/api/figuras/')) return answerJson(response, 200, { name: 'itens' });
      if (url.endsWith('/uploads')) {
        announced = JSON.parse(String(body));
        const put = { url: `${server.url}/bucket/1`, headers: {} };
        return answerJson(response, 201, { id: ID, url: 's3://b/k', expiresAt: '2099-01-01T00:00:00Z', put });
      }
      if (!url.startsWith('/bucket/')) return answerJson(response, 202, { id: ID, status: 'queued', statusUrl: 'x' });
      if (++tries === 1) return void response.destroy();
      response.writeHead(body.length === announced.size ? 200 : 400, { etag: '"e"' }).end();
    });
    const run = await push();
    expect([run.code, tries], run.stderr).toEqual([0, 2]);
    expect(run.stderr).toContain('The upload was cut: trying again.');
  });

  it('by a refusal leaves nothing behind', async () => {
    await writeFile(path.join(folder, 'itens.json'), CONTENT);
    const state = await startService((partNumber) => (partNumber === 3 ? 'refuse' : 'take'));
    const run = await push();
    expect([run.code, run.stderr.includes('BadDigest')]).toEqual([1, true]);
    expect([state.completed, state.aborted]).toEqual([0, 1]);
    expect(readFileSync(path.join(folder, 'settings', 'uploads.json'), 'utf8').trim()).toBe('{}');
  });
});
