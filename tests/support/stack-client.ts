import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { EnqueueDto, JobDto } from '#lib/api/schemas.ts';
import { type ApiClient, createApiClient } from '#lib/api-client/create-api-client.ts';
import { isTerminal } from '#lib/job/job-states.ts';
import { fetchAgainIfClosed } from './fetch-again.ts';
import type { Stack } from './stack.ts';

/** A program that uses a stack, as any client would, and a session of its own to look at the tables. */
export interface StackClient {
  api: ApiClient;
  db: pg.Client;
  /** Calls a route; the body is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Uploads bytes and gives their `s3://` address. */
  upload(figura: string, bytes: Uint8Array | string, fileName: string): Promise<string>;
  /** Enqueues a load of an address. */
  enqueue(figura: string, request: EnqueueDto): Promise<Answer>;
  /** Waits for a job's end. */
  untilEnd(figura: string, id: string, seconds?: number): Promise<JobDto>;
  close(): Promise<void>;
}

/** An answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  json: any;
  text: string;
}

/** Opens a client of a stack. Close it in `afterAll`. */
export async function openStackClient(stack: Stack): Promise<StackClient> {
  const api = createApiClient({ baseUrl: stack.url, apiKey: stack.apiKey });
  const db = new pg.Client({ connectionString: stack.databaseUrl });
  db.on('error', () => {});
  await db.connect();
  const call: StackClient['call'] = async (method, path, body, headers = {}) => {
    const response = await fetchAgainIfClosed(new URL(path, stack.url), {
      method,
      headers: {
        authorization: `Bearer ${stack.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, json, text };
  };
  return {
    api,
    db,
    call,
    async upload(figura, bytes, fileName) {
      const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      const ticket = await call('POST', `/api/${figura}/_bulk/uploads`, { fileName, size: body.length });
      if (ticket.status !== 201) throw new Error(`upload answered ${ticket.status} ${ticket.text}`);
      if (ticket.json.put) {
        const put = await fetch(ticket.json.put.url, {
          method: 'PUT',
          headers: ticket.json.put.headers,
          body: body as BodyInit,
        });
        if (!put.ok) throw new Error(`PUT answered ${put.status} ${await put.text()}`);
        return ticket.json.url;
      }
      const { partSize, parts } = ticket.json.multipart;
      const done: { partNumber: number; etag: string }[] = [];
      for (const { partNumber, url } of parts) {
        const part = body.subarray((partNumber - 1) * partSize, partNumber * partSize);
        const put = await fetch(url, { method: 'PUT', body: part as BodyInit });
        done.push({ partNumber, etag: put.headers.get('etag') ?? '' });
      }
      const completed = await call('POST', `/api/${figura}/_bulk/uploads/${ticket.json.id}/complete`, { parts: done });
      if (completed.status !== 200) throw new Error(`complete answered ${completed.status} ${completed.text}`);
      return completed.json.url;
    },
    enqueue: (figura, request) => call('PUT', `/api/${figura}/_bulk`, request),
    async untilEnd(figura, id, seconds = 120) {
      const deadline = Date.now() + seconds * 1000;
      while (true) {
        const answer = await call('GET', `/api/${figura}/_bulk/status/${id}?wait=5`);
        if (answer.status === 200 && isTerminal(answer.json.status)) return answer.json;
        if (Date.now() > deadline)
          throw new Error(`job is still ${answer.json?.status} after ${seconds} s: ${answer.text}`);
      }
    },
    close: () => db.end(),
  };
}

/** Bytes of a file of the repository. */
export function readProjectFile(path: string): Promise<Buffer> {
  return readFile(new URL(`../../${path}`, import.meta.url));
}
