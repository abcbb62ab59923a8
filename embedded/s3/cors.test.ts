import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUCKET, ORIGIN, presign, send, startTestServer, summary, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ corsOrigins: [ORIGIN, 'https://carga.example'] });
});
afterAll(() => server.close());

const preflight = (origin: string | undefined, method = 'PUT', headers = 'content-type,x-amz-meta-a') =>
  send(`${server.url}/${BUCKET}/x`, {
    method: 'OPTIONS',
    headers: {
      ...(origin === undefined ? {} : { origin }),
      'access-control-request-method': method,
      'access-control-request-headers': headers,
    },
  });

it('lets pages of the listed origins, and no others, ask whether they may', async () => {
  for (const origin of [ORIGIN, 'https://carga.example']) {
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
      'access-control-allow-headers': 'content-type,x-amz-meta-a',
    });
    expect(answer.headers.vary).toContain('Origin');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  }
  const foreign = [
    undefined,
    'null',
    '*',
    'http://evil.example',
    `${ORIGIN}.evil.example`,
    'http://localhost:30000',
    'https://localhost:3000',
  ];
  for (const origin of foreign) {
    const answer = await preflight(origin);
    expect(summary(answer)).toBe('403 AccessForbidden');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
  expect(summary(await preflight(ORIGIN, 'PATCH'))).toBe('403 AccessForbidden');
});

it('shows the ETag to pages of a listed origin, and nothing to others', async () => {
  const url = await presign(server.plainClient, new PutObjectCommand({ Bucket: BUCKET, Key: 'x' }));
  const mine = await send(url, { method: 'PUT', body: 'x', headers: { origin: ORIGIN } });
  expect(mine.headers['access-control-allow-origin']).toBe(ORIGIN);
  expect(mine.headers['access-control-expose-headers']).toContain('etag');
  const getUrl = await presign(server.plainClient, new GetObjectCommand({ Bucket: BUCKET, Key: 'x' }));
  const foreign = await send(getUrl, { headers: { origin: 'http://evil.example' } });
  expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  const refused = await send(`${server.url}/${BUCKET}/x`, { headers: { origin: ORIGIN } });
  expect(refused.status).toBe(403);
  // Without it a page could not even tell why it was refused.
  expect(refused.headers['access-control-allow-origin']).toBe(ORIGIN);
});

it('does not take a star for every origin', async () => {
  const open = await startTestServer({ corsOrigins: ['*'] });
  try {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'GET' };
    expect(summary(await send(`${open.url}/${BUCKET}/x`, { method: 'OPTIONS', headers }))).toBe('403 AccessForbidden');
  } finally {
    await open.close();
  }
});
