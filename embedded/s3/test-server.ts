import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type GetObjectCommand,
  type PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  type UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type S3Server, type S3ServerOptions, startS3Server } from './server.ts';

export const ACCESS_KEY_ID = 'TESTKEY';
export const SECRET_ACCESS_KEY = 'test/secret+key';
export const REGION = 'us-east-1';
export const BUCKET = 'imports';
export const ORIGIN = 'http://localhost:3000';

/** A real server on a temporary directory, and the clients that tests speak to it with. */
export interface TestServer {
  directory: string;
  options: S3ServerOptions;
  url: string;
  /** The SDK as it comes: checksums on everything, in trailers where the body is a stream. */
  client: S3Client;
  /** The SDK as this project sets it: checksums only where S3 requires them. */
  plainClient: S3Client;
  clientWith(config: S3ClientConfig): S3Client;
  /** Stops and starts again on the same directory; the clients then speak to the new port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestServer(overrides: Partial<S3ServerOptions> = {}): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'carga-s3-test-'));
  const options: S3ServerOptions = {
    directory,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET_ACCESS_KEY,
    region: REGION,
    buckets: [BUCKET],
    corsOrigins: [ORIGIN],
    ...overrides,
  };
  let server: S3Server = await startS3Server(options);
  const clients: S3Client[] = [];
  const clientWith = (config: S3ClientConfig): S3Client => {
    const client = makeClient({ endpoint: server.url, ...config });
    clients.push(client);
    return client;
  };
  const fixture: TestServer = {
    directory,
    options,
    url: server.url,
    client: clientWith({}),
    plainClient: clientWith(PLAIN),
    clientWith,
    async restart() {
      await server.stop();
      server = await startS3Server(options);
      fixture.url = server.url;
      fixture.client = clientWith({});
      fixture.plainClient = clientWith(PLAIN);
    },
    async close() {
      for (const client of clients) client.destroy();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return fixture;
}

export const PLAIN = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const satisfies S3ClientConfig;

export function makeClient(config: S3ClientConfig): S3Client {
  const credentials = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY };
  return new S3Client({ region: REGION, credentials, forcePathStyle: true, maxAttempts: 1, ...config });
}

/** What the SDK threw, as `403 SignatureDoesNotMatch`, or `ok`. */
export async function outcomeOf(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return 'ok';
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}`;
  }
}

type PresignOptions = Parameters<typeof getSignedUrl>[2];

type PresignedCommand = GetObjectCommand | PutObjectCommand | UploadPartCommand;

export function presign(client: S3Client, command: PresignedCommand, options: PresignOptions = {}) {
  // The types of the SDK's commands do not unite; what is presigned does not depend on which one it is.
  return getSignedUrl(client, command as PutObjectCommand, { expiresIn: 300, ...options });
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The S3 code of an error, else empty. */
  code: string;
}

/** Sends a request exactly as told: no header of its own but host, and no tidying of the path. */
export function send(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<RawAnswer> {
  const [, origin = '', path = '/'] = /^(http:\/\/[^/]+)(.*)$/.exec(url) ?? [];
  const { hostname, port } = new URL(origin);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers: { ...length, ...headers }, agent: false });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        const code = /<Error><Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '';
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, code });
      });
    });
    request.end(body);
  });
}

/** `200`, or `403 SignatureDoesNotMatch`. */
export function summary({ status, code }: RawAnswer): string {
  return `${status} ${code}`.trim();
}

export function hmacHex(key: string | Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The key of a day, derived step by step as the documentation of Signature Version 4 has it. */
export function signingKey(day: string, secret = SECRET_ACCESS_KEY): Buffer {
  let key = Buffer.from(`AWS4${secret}`);
  for (const step of [day, REGION, 's3', 'aws4_request']) key = createHmac('sha256', key).update(step).digest();
  return key;
}

export function amzDate(date = new Date()): string {
  return `${date.toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
}

export interface SignedHeaders {
  headers: Record<string, string>;
  signature: string;
  timestamp: string;
  scope: string;
}

/** Signs a request by hand, for what the SDK would never send; `url` must hold no character that needs encoding. */
export function signHeaders(
  method: string,
  url: string,
  payload: string,
  extra: Record<string, string> = {},
  date = new Date(),
): SignedHeaders {
  const { host, pathname, searchParams } = new URL(url);
  const timestamp = amzDate(date);
  const scope = `${timestamp.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const headers: Record<string, string> = { ...extra, host, 'x-amz-content-sha256': payload, 'x-amz-date': timestamp };
  const names = Object.keys(headers).sort();
  const query = [...searchParams].map(([name, value]) => `${name}=${value}`).sort();
  const canonical = [
    method,
    pathname,
    query.join('&'),
    names.map((name) => `${name}:${headers[name]}\n`).join(''),
    names.join(';'),
    payload,
  ].join('\n');
  const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`;
  const signature = hmacHex(signingKey(timestamp.slice(0, 8)), toSign);
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { headers, signature, timestamp, scope };
}
