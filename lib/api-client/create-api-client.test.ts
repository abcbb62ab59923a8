import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, ConnectionError, readRetryAfter } from './api-error.ts';
import { createApiClient, listAll } from './create-api-client.ts';
import { answerJson, collect, startTestServer, type TestServer } from './test-server.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const PROBLEM = {
  type: 'about:blank',
  title: 'Unprocessable',
  status: 422,
  detail: 'O corpo não serve.',
  instance: '/api/fornecedores/_bulk',
  code: 'invalid_request',
  requestId: 'r-1',
  errors: [{ pointer: '/url', code: 'required', detail: 'falta' }],
};

let server: TestServer;
afterEach(() => server?.close());

async function start(answer: (request: IncomingMessage, response: ServerResponse, tries: number) => void) {
  let tries = 0;
  server = await startTestServer((request, response) => answer(request, response, ++tries));
  return createApiClient({ baseUrl: `${server.url}/`, apiKey: 'segredo', language: 'pt-BR' });
}

describe('createApiClient', () => {
  it('sends the key, the language and the body as JSON', async () => {
    const client = await start((_, response) => answerJson(response, 202, { id: ID, status: 'queued', statusUrl: '' }));
    await client.enqueueJob('fornecedores', { url: 's3://b/k', mode: 'append' });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'PUT', url: '/api/fornecedores/_bulk' });
    expect(request?.headers).toMatchObject({ authorization: 'Bearer segredo', 'accept-language': 'pt-BR' });
    expect(JSON.parse(String(request?.body))).toEqual({ url: 's3://b/k', mode: 'append' });
  });

  it('gives the problem of a refusal, and does not repeat it', async () => {
    const client = await start((_, response) => answerJson(response, 422, PROBLEM));
    const error = await client.enqueueJob('fornecedores', { url: 'x' }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: 'invalid_request',
      status: 422,
      detail: 'O corpo não serve.',
      requestId: 'r-1',
      errors: PROBLEM.errors,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('repeats with the same idempotency key when the service is away, waiting as long as it asks', async () => {
    const client = await start((request, response, tries) => {
      if (tries === 1) request.socket.destroy();
      else if (tries === 2)
        answerJson(response, 503, { ...PROBLEM, code: 'database_unavailable' }, { 'retry-after': '1' });
      else answerJson(response, 202, { id: ID, status: 'queued', statusUrl: '' });
    });
    const startedAt = Date.now();
    expect(await client.enqueueJob('fornecedores', { url: 's3://b/k', force: true })).toMatchObject({ id: ID });
    // Timers count by another clock, and may be a millisecond before this one.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(990);
    const keys = new Set(server.requests.map((request) => request.headers['idempotency-key']));
    expect([server.requests.length, keys.size]).toEqual([3, 1]);
  });

  it('does not repeat what would be done twice', async () => {
    const client = await start((request) => request.socket.destroy());
    await expect(client.retryJob('fornecedores', ID)).rejects.toBeInstanceOf(ConnectionError);
    expect(server.requests).toHaveLength(1);
  });

  it('does not wait minutes in silence when the service asks for that', async () => {
    const client = await start((_, response) => answerJson(response, 429, PROBLEM, { 'retry-after': '120' }));
    await expect(client.getJob('fornecedores', ID)).rejects.toMatchObject({ status: 429, retryAfter: 120 });
    expect(server.requests).toHaveLength(1);
  });

  it('says what did not answer', async () => {
    const client = await start(() => {});
    await server.close();
    await expect(client.createKey({ name: 'x', role: 'viewer', figuras: ['*'] })).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/,
    );
  });

  it('takes an answer of something else for what it is', async () => {
    const client = await start((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    await expect(client.listFiguras()).rejects.toMatchObject({ code: 'unexpected_answer', status: 200 });
  });

  it('stops at once when the caller gives up', async () => {
    const client = await start(() => {});
    const stop = new AbortController();
    const call = client.getJob('fornecedores', ID, { waitSeconds: 30, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(call).rejects.toThrow('enough');
  });

  it('writes names and filters safely into the address', async () => {
    const client = await start((_, response) => answerJson(response, 200, { items: [], nextCursor: null }));
    await client.listJobs({ q: 'a b&c', status: 'error', cursor: undefined });
    expect(server.requests[0]?.url).toBe('/api/jobs?q=a+b%26c&status=error');
    expect(client.errorsUrl('a/../b', 'x?y', 'csv')).toMatch(
      /\/api\/a%2F\.\.%2Fb\/_bulk\/status\/x%3Fy\/errors\?format=csv$/,
    );
  });

  it('lists all pages', async () => {
    const client = await start((request, response) => {
      const isFirst = !request.url?.includes('cursor=');
      answerJson(response, 200, {
        items: isFirst ? [{ row: 1 }, { row: 2 }] : [{ row: 3 }],
        nextCursor: isFirst ? 'c' : null,
      });
    });
    const rows = await collect(listAll((page) => client.listRows('fornecedores', ID, { status: 'ER', ...page })));
    expect(rows.map((row) => row.row)).toEqual([1, 2, 3]);
    expect(server.requests[1]?.url).toMatch(/\?status=ER&cursor=c$/);
  });
});

describe('readRetryAfter', () => {
  it('reads seconds and dates', () => {
    expect(readRetryAfter('7')).toBe(7);
    expect(readRetryAfter('Wed, 21 Oct 2026 07:28:10 GMT', Date.UTC(2026, 9, 21, 7, 28, 0))).toBe(10);
    expect(readRetryAfter('Wed, 21 Oct 2026 07:28:00 GMT', Date.UTC(2026, 9, 21, 8, 0, 0))).toBe(0);
    expect([readRetryAfter(null), readRetryAfter(''), readRetryAfter('soon')]).toEqual([null, null, null]);
  });
});
