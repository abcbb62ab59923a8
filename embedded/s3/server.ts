import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { addCorsHeaders, answerPreflight } from './cors.ts';
import { DataFiles } from './data-files.ts';
import { type S3Store, sendXml } from './exchange.ts';
import { isFormUpload, uploadForm } from './form-upload.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import { checkBucketName, ObjectStore } from './object-store.ts';
import { dispatch } from './routes.ts';
import { S3Error } from './s3-error.ts';
import { parseRequest } from './s3-request.ts';
import { verifyRequestSignature } from './signature-v4.ts';
import { openStorageDirectory, type StorageDirectory } from './storage-directory.ts';
import { writeErrorXml } from './xml.ts';

export interface S3ServerOptions {
  /** Made if absent; it must be empty or have been made by this server. */
  directory: string;
  /** `127.0.0.1` when absent. */
  host?: string;
  /** 0 or absent: any free port. */
  port?: number;
  accessKeyId: string;
  secretAccessKey: string;
  /** `us-east-1` when absent. */
  region?: string;
  /** Made at the start if absent. */
  buckets: string[];
  /** Origins whose pages may read answers, each written whole, such as `http://localhost:3000`. */
  corsOrigins: string[];
  /** 5 GiB when absent. */
  maxObjectBytes?: number;
}

export interface S3Server {
  url: string;
  port: number;
  /** Lets running requests end for a few seconds, then cuts them; resolves when nothing is left running. */
  stop(): Promise<void>;
}

// What S3 takes in one request.
const DEFAULT_MAX_OBJECT_BYTES = 5 * 1024 ** 3;
// Headers are some kilobytes: a client that needs longer keeps the connection open on purpose.
const HEADERS_TIMEOUT_MS = 30_000;
// No byte in either direction for so long and the other side is gone; there is no limit for the whole of a request,
// as 5 GiB over a slow line take hours.
const IDLE_TIMEOUT_MS = 120_000;
// Longer than the pauses of a client between two parts, so that it need not connect again.
const KEEP_ALIVE_TIMEOUT_MS = 30_000;
// After a refusal the rest of the body is read and thrown away for so long: closing at once would make the system
// reset the connection, and the client would see that instead of the reason.
const DRAIN_TIMEOUT_MS = 10_000;
// The launcher waits for this server before it ends itself, and people wait for the launcher.
const STOP_TIMEOUT_MS = 5_000;
const STALE_CHECK_INTERVAL_MS = 60 * 60 * 1000;

/** Starts the S3 server on a directory; rejects if the directory or the port is taken or an option makes no sense. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const { host = '127.0.0.1', port = 0, corsOrigins } = options;
  // With an empty secret anybody could sign.
  if (options.accessKeyId === '' || options.secretAccessKey === '') throw new Error('the S3 credentials are empty');
  options.buckets.forEach(checkBucketName);
  const storage = await openStorageDirectory(options.directory);
  try {
    const store = await openStore(storage, options);
    const running = new Set<Promise<void>>();
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      const answer = answerRequest(request, response, store, corsOrigins).finally(() => running.delete(answer));
      running.add(answer);
    };
    const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 }, handle);
    // Refusals come before the body of a client that asks first.
    server.on('checkContinue', handle);
    server.timeout = IDLE_TIMEOUT_MS;
    server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const staleCheck = setInterval(() => void removeStaleUploads(store), STALE_CHECK_INTERVAL_MS);
    staleCheck.unref();
    const { port: actualPort } = server.address() as AddressInfo;
    const hostInUrl = host.includes(':') ? `[${host}]` : host;
    const stop = async () => {
      clearInterval(staleCheck);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS);
      await closed;
      clearTimeout(cut);
      await Promise.allSettled(running);
      await storage.release();
    };
    let stopped: Promise<void> | undefined;
    return {
      url: `http://${hostInUrl}:${actualPort}`,
      port: actualPort,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await storage.release();
    throw error;
  }
}

async function openStore(storage: StorageDirectory, options: S3ServerOptions): Promise<S3Store> {
  const { accessKeyId, secretAccessKey, region = 'us-east-1' } = options;
  const data = new DataFiles(storage);
  const objects = await ObjectStore.open(storage, data);
  const uploads = await MultipartUploads.open(storage, data);
  // Only when everything that owns data is known; a damaged file may own some that nothing else names.
  if (objects.unreadableCount === 0) await data.removeUnowned();
  for (const bucket of options.buckets) await objects.createBucket(bucket);
  const store: S3Store = {
    credentials: { accessKeyId, secretAccessKey, region },
    objects,
    uploads,
    data,
    maxObjectBytes: options.maxObjectBytes ?? DEFAULT_MAX_OBJECT_BYTES,
  };
  await removeStaleUploads(store);
  return store;
}

async function removeStaleUploads(store: S3Store): Promise<void> {
  try {
    await store.uploads.removeStale();
  } catch (error) {
    reportFault('removing stale uploads', error);
  }
}

async function answerRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  store: S3Store,
  corsOrigins: readonly string[],
): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  response.setHeader('x-amz-request-id', requestId);
  // Whatever was uploaded must not run in a browser under this origin, which shares its cookies with others.
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-security-policy', "default-src 'none'; sandbox");
  try {
    addCorsHeaders(incoming, response, corsOrigins);
    if (incoming.method === 'OPTIONS') {
      answerPreflight(incoming, response);
      return;
    }
    const request = parseRequest(incoming);
    if (isFormUpload(request)) {
      await uploadForm(request, response, store);
      return;
    }
    const signature = verifyRequestSignature(request, store.credentials);
    await dispatch({ store, request, signature, response });
  } catch (error) {
    await answerError(incoming, response, error, requestId);
  }
}

async function answerError(
  incoming: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  requestId: string,
): Promise<void> {
  const isGone = incoming.destroyed && !incoming.complete;
  const refusal = toS3Error(error);
  if (refusal.code === 'InternalError' && !isGone && !response.destroyed) reportFault(`request ${requestId}`, error);
  if (isGone || response.headersSent || response.destroyed) {
    // The length is announced already, so cutting the connection is the only way left to say that it went wrong.
    response.destroy();
    return;
  }
  const xml = writeErrorXml({ Code: refusal.code, Message: refusal.message, RequestId: requestId });
  const hasBody =
    incoming.headers['content-length'] !== undefined || incoming.headers['transfer-encoding'] !== undefined;
  if (!hasBody || incoming.complete) {
    if (incoming.method === 'HEAD') response.writeHead(refusal.status, refusal.headers).end();
    else sendXml(response, refusal.status, xml, refusal.headers);
    return;
  }
  response.writeHead(refusal.status, {
    ...refusal.headers,
    connection: 'close',
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(xml),
  });
  // The client can read the whole answer now; only the end, which closes the connection, waits for its body.
  response.write(xml);
  await drain(incoming);
  response.end();
}

async function drain(incoming: IncomingMessage): Promise<void> {
  incoming.resume();
  const timeout = AbortSignal.timeout(DRAIN_TIMEOUT_MS);
  await finished(incoming, { signal: timeout, cleanup: true }).catch(() => undefined);
}

function toS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC') {
    return new S3Error('InsufficientStorage', 'The disk of this server is full.');
  }
  return new S3Error('InternalError', 'We encountered an internal error. Please try again.');
}

function reportFault(what: string, error: unknown): void {
  console.error(`embedded S3: ${what} failed: ${error instanceof Error ? error.message : String(error)}`);
}
