import { createHash, randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiClient } from './create-api-client.ts';
import type { UploadSource } from './file-parts.ts';
import { answerJson, startTestServer, type TestServer } from './test-server.ts';
import { uploadFile } from './upload-file.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const PART = 1000;
const bytes = randomBytes(4 * PART + 123);

let server: TestServer;
afterEach(() => server?.close());

/** A service and its bucket in one: keeps what is put, gives MD5 as ETag, puts parts together. */
async function startBucket(
  options: {
    limit?: number;
    /** How an upload stands that was begun before; none unless told. */
    cut?: 'open' | 'complete' | 'aborted';
    /** Whether its size is not known yet. */
    isGrowing?: boolean;
    onPut?: (
      request: IncomingMessage & { body: Buffer },
      response: ServerResponse,
      tries: number,
    ) => boolean | Promise<boolean>;
  } = {},
) {
  const state = {
    whole: null as Buffer | null,
    parts: new Map<number, Buffer>(),
    completed: null as unknown,
    isAborted: false,
  };
  const tries = new Map<string, number>();
  server = await startTestServer(async (request, response) => {
    const url = request.url ?? '';
    if (url.includes(`/uploads/${ID}`) && request.method === 'GET') {
      if (options.cut === undefined) return answerJson(response, 404, { code: 'upload_not_found' });
      const parts = Array.from({ length: 5 }, (_, index) => ({
        partNumber: index + 1,
        url: `${server.url}/bucket/${index + 1}`,
      })).filter(({ partNumber }) => !options.isGrowing || !state.parts.has(partNumber));
      const uploaded = [...state.parts].map(([partNumber, { length }]) => ({ partNumber, etag: 'old', size: length }));
      const ticket = { id: ID, url: 's3://balde/chave', expiresAt: '2026-11-22T00:00:00Z' };
      return answerJson(response, 200, {
        ...ticket,
        size: options.isGrowing ? null : bytes.length,
        status: options.cut,
        uploaded,
        multipart: { partSize: PART, parts },
      });
    }
    if (url.endsWith('/uploads')) {
      const { size } = JSON.parse(String(request.body));
      const ticket = { id: ID, url: 's3://balde/chave', expiresAt: '2026-11-22T00:00:00Z' };
      const parts = Array.from({ length: Math.ceil(size / PART) }, (_, index) => ({
        partNumber: index + 1,
        url: `${server.url}/bucket/${index + 1}`,
      }));
      const put = { url: `${server.url}/bucket/whole`, headers: { 'content-type': 'text/x-mine' } };
      return answerJson(
        response,
        201,
        size > (options.limit ?? PART) ? { ...ticket, multipart: { partSize: PART, parts } } : { ...ticket, put },
      );
    }
    if (url.endsWith('/complete')) {
      state.completed = JSON.parse(String(request.body));
      const size = [...state.parts.values()].reduce((sum, part) => sum + part.length, 0);
      return answerJson(response, 200, { id: ID, url: 's3://balde/chave', size, etag: '"whole"' });
    }
    if (request.method === 'DELETE') {
      state.isAborted = true;
      return void response.writeHead(204).end();
    }
    tries.set(url, (tries.get(url) ?? 0) + 1);
    if (options.onPut && !(await options.onPut(request, response, tries.get(url) ?? 0))) return;
    if (url.endsWith('whole')) state.whole = request.body;
    else state.parts.set(Number(url.split('/').at(-1)), request.body);
    response.writeHead(200, { etag: `"${createHash('md5').update(request.body).digest('hex')}"` }).end();
  });
  const client = createApiClient({ baseUrl: server.url, apiKey: 'segredo' });
  const upload = (source: UploadSource, more: Partial<Parameters<typeof uploadFile>[1]> = {}) =>
    uploadFile(client, { figura: 'fornecedores', source, fileName: 'x.parquet', ...more });
  return { state, upload };
}

function streamOf(content: Buffer, piece: number): ReadableStream<Uint8Array> {
  let from = 0;
  return new ReadableStream({
    pull(controller) {
      if (from >= content.length) return controller.close();
      controller.enqueue(new Uint8Array(content.subarray(from, from + piece)));
      from += piece;
    },
  });
}

function joined(parts: Map<number, Buffer>): Buffer {
  return Buffer.concat([...parts.entries()].sort(([a], [b]) => a - b).map(([, part]) => part));
}

describe('uploadFile', () => {
  it('sends a small file in one request of the signed length and type', async () => {
    const { state, upload } = await startBucket({ limit: 10_000 });
    const progress: number[] = [];
    const done = await upload(new Blob([bytes]), { onProgress: (sent) => progress.push(sent) });
    expect(state.whole?.equals(bytes)).toBe(true);
    expect(done).toEqual({
      id: ID,
      url: 's3://balde/chave',
      size: bytes.length,
      etag: expect.stringMatching(/^"\w{32}"$/),
    });
    const put = server.requests.find((request) => request.method === 'PUT');
    expect(put?.headers).toMatchObject({ 'content-type': 'text/x-mine', 'content-length': String(bytes.length) });
    expect(put?.headers['transfer-encoding']).toBeUndefined();
    expect(put?.headers.authorization).toBeUndefined();
    expect([progress[0], progress.at(-1)]).toEqual([0, bytes.length]);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('sends an empty file', async () => {
    const { state, upload } = await startBucket();
    await upload(new Blob([]));
    expect(state.whole?.length).toBe(0);
  });

  it('sends a file from the disk in parts and puts them together in order', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'carga-try-'));
    try {
      await writeFile(join(folder, 'x'), bytes);
      const { state, upload } = await startBucket({
        // The first part arrives last.
        onPut: async (request) => {
          if (request.url?.endsWith('/1')) await new Promise((resolve) => setTimeout(resolve, 100));
          return true;
        },
      });
      let sent = 0;
      await upload(await openAsBlob(join(folder, 'x')), {
        onProgress: (now) => {
          sent = now;
        },
      });
      expect(joined(state.parts).equals(bytes)).toBe(true);
      expect((state.completed as { parts: { partNumber: number }[] }).parts.map((part) => part.partNumber)).toEqual([
        1, 2, 3, 4, 5,
      ]);
      expect(sent).toBe(bytes.length);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('cuts a stream into the same parts however its pieces fall', async () => {
    for (const piece of [1, 7, 999, 1000, 1001, 5000]) {
      const { state, upload } = await startBucket();
      await upload({ stream: streamOf(bytes, piece), size: bytes.length });
      expect(joined(state.parts).equals(bytes), `pieces of ${piece}`).toBe(true);
      expect(state.parts.get(5)?.length).toBe(123);
      await server.close();
    }
  });

  it('sends one part after the other', async () => {
    let now = 0;
    let most = 0;
    const { upload } = await startBucket({
      onPut: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 10));
        now--;
        return true;
      },
    });
    await upload(new Blob([bytes]));
    expect(most).toBe(1);
  });

  it('goes on where it was cut, and sends no more than one part again', async () => {
    const stop = new AbortController();
    const { state, upload } = await startBucket({
      cut: 'open',
      onPut: (request, _, tries) => {
        if (!request.url?.endsWith('/3') || tries > 1) return true;
        stop.abort(new Error('cut'));
        request.socket.destroy();
        return false;
      },
    });
    const begun: unknown[] = [];
    const more = { keepsParts: true, onBegin: (id: string | null) => void begun.push(id) };
    await expect(upload(new Blob([bytes]), { ...more, signal: stop.signal })).rejects.toThrow('cut');
    let first: number | undefined;
    const onProgress = (sent: number) => {
      first ??= sent || undefined;
    };
    const again = await upload(new Blob([bytes]), { ...more, resumeId: ID, onProgress });
    expect(again).toMatchObject({ id: ID, size: bytes.length });
    expect(joined(state.parts).equals(bytes)).toBe(true);
    expect([begun, state.isAborted, first]).toEqual([[ID, ID], false, 2 * PART]);
    const puts = server.requests.filter((request) => request.method === 'PUT').map((request) => request.url);
    expect(puts).toEqual([1, 2, 3, 3, 4, 5].map((part) => `/bucket/${part}`));
  });

  it('sends what is missing of an upload that grew, and tells how long it became', async () => {
    const { state, upload } = await startBucket({ cut: 'open', isGrowing: true });
    for (const part of [1, 2]) state.parts.set(part, bytes.subarray((part - 1) * PART, part * PART));
    await upload(new Blob([bytes]), { resumeId: ID });
    expect(joined(state.parts).equals(bytes)).toBe(true);
    const urls = server.requests.map(({ method, url }) => `${method} ${url?.split('/').slice(-1)}`);
    expect(urls).toEqual([`GET ${ID}?size=${bytes.length}`, 'PUT 3', 'PUT 4', 'PUT 5', 'POST complete']);
    expect(state.completed).toMatchObject({ size: bytes.length });
  });

  it('begins anew where the upload that was cut is gone or of another size, and takes one that is complete', async () => {
    for (const cut of [undefined, 'aborted'] as const) {
      const { state, upload } = await startBucket({ cut });
      await upload(new Blob([bytes]), { resumeId: ID });
      expect(state.parts.size).toBe(5);
      await server.close();
    }
    const longer = await startBucket({ cut: 'open' });
    await longer.upload(new Blob([bytes, bytes]), { resumeId: ID });
    expect(server.requests.some(({ method, url }) => method === 'POST' && url?.endsWith('/uploads'))).toBe(true);
    await server.close();
    const complete = await startBucket({ cut: 'complete' });
    expect(await complete.upload(new Blob([bytes]), { resumeId: ID })).toMatchObject({
      id: ID,
      url: 's3://balde/chave',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('sends a part again that was cut off or refused for the moment, and only that one', async () => {
    const { state, upload } = await startBucket({
      onPut: (request, response, tries) => {
        if (!request.url?.endsWith('/2') || tries === 3) return true;
        if (tries === 1) request.socket.destroy();
        else response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
        return false;
      },
    });
    const progress: number[] = [];
    let retries = 0;
    const onRetry = () => retries++;
    const source = { stream: streamOf(bytes, 300), size: bytes.length };
    await upload(source, { onProgress: (sent) => progress.push(sent), onRetry });
    expect(retries).toBe(2);
    expect(joined(state.parts).equals(bytes)).toBe(true);
    expect(
      server.requests
        .filter((request) => request.method === 'PUT')
        .map((request) => request.url)
        .toSorted(),
    ).toEqual([1, 2, 2, 2, 3, 4, 5].map((part) => `/bucket/${part}`));
    expect(progress.at(-1)).toBe(bytes.length);
  });

  it('gives the upload up when the bucket refuses for good, with its reason', async () => {
    const { state, upload } = await startBucket({
      onPut: (_, response) => {
        response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
        return false;
      },
    });
    await expect(upload(new Blob([bytes]))).rejects.toMatchObject({
      name: 'UploadError',
      code: 'AccessDenied',
      message: 'Request has expired',
      status: 403,
    });
    expect([state.isAborted, state.completed]).toEqual([true, null]);
  });

  it('tells of no more bytes once it is given up', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'carga-try-'));
    try {
      const size = 64 << 20;
      await writeFile(join(folder, 'x'), Buffer.alloc(size));
      const { upload } = await startBucket({ limit: size });
      const stop = new AbortController();
      let isOver = false;
      let late = 0;
      // Given up at the first bytes: however fast the line is, most of them are still to come.
      const onProgress = () => {
        if (isOver) late++;
        else stop.abort(new Error('enough'));
      };
      await upload(await openAsBlob(join(folder, 'x')), { signal: stop.signal, onProgress }).catch(() => {
        isOver = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect([isOver, late]).toEqual([true, 0]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('gives the upload up when its user does, even while the source stalls', async () => {
    const { state, upload } = await startBucket();
    const stop = new AbortController();
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(bytes.subarray(0, 1500))),
      // Asked for more, it has none.
      pull: () => {
        setTimeout(() => stop.abort(new Error('changed my mind')), 100);
        return new Promise(() => {});
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    await expect(upload({ stream, size: bytes.length }, { signal: stop.signal })).rejects.toThrow('changed my mind');
    expect([state.isAborted, state.completed, isCancelled]).toEqual([true, null, true]);
  });

  it('refuses a stream that is not as long as announced', async () => {
    for (const size of [bytes.length + 1, bytes.length - 1]) {
      const { state, upload } = await startBucket();
      await expect(upload({ stream: streamOf(bytes, 700), size })).rejects.toMatchObject({ code: 'size_mismatch' });
      expect([state.isAborted, state.completed]).toEqual([true, null]);
      await server.close();
    }
  });

  it('does not call a bucket done that hides its ETags', async () => {
    const { upload } = await startBucket({
      onPut: (_, response) => {
        response.writeHead(200).end();
        return false;
      },
    });
    await expect(upload(new Blob([bytes]))).rejects.toMatchObject({ code: 'etag_hidden' });
  });
});
