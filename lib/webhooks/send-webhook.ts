import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { performance } from 'node:perf_hooks';
import { AppError } from '../errors.ts';
import { findPublicAddresses, type HostAddress, type Lookup } from './public-address.ts';
import { signWebhook } from './sign-webhook.ts';
import type { WebhookFault, WebhookTry } from './webhook-events.ts';

/** A message and where it goes. */
export interface WebhookMessage {
  url: string;
  /** The same at every try: how a receiver knows what it has seen. */
  id: string;
  body: string;
  secrets: readonly string[];
}

/** How messages are sent. */
export interface SendOptions {
  allowedHosts: readonly string[];
  signal?: AbortSignal;
  timeoutMs?: number;
  /** The system's own when left out. */
  lookup?: Lookup;
}

// The specification advises 15 to 30 s; receivers are told to answer first and work later, and each waiting message
// takes a place of a worker.
const TIMEOUT_MS = 10_000;
/** Enough of an answer to see what the receiver complains of. */
const KEPT_BYTES = 1024;

type Answer = Pick<WebhookTry, 'status' | 'error' | 'detail' | 'response'>;
const noAnswer = (error: WebhookFault, detail: string | null = null): Answer => ({
  status: null,
  error,
  detail,
  response: null,
});

/**
 * Sends a message once and says what came of it; never throws but when `signal` ends it. Redirects are an answer like
 * any other than 2xx: they could lead inside.
 */
export async function sendWebhook(message: WebhookMessage, options: SendOptions): Promise<WebhookTry> {
  const at = new Date();
  const startedAt = performance.now();
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
  const answer = await race(tryOnce(message, at, options, signal), signal).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if (timeout.aborted) return noAnswer('timeout');
    return answerOfFault(error);
  });
  return { at: at.toISOString(), ms: Math.round(performance.now() - startedAt), ...answer };
}

/** A name that is looked up cannot be given up, only left behind. */
function race<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return Promise.race([work, ended.promise]).finally(() => signal.removeEventListener('abort', end));
}

function answerOfFault(error: unknown): Answer {
  if (error instanceof AppError) {
    return noAnswer(error.code === 'webhook_address_refused' ? 'address_refused' : 'host_not_found');
  }
  const { code } = error as { code?: unknown };
  return noAnswer('connection_failed', typeof code === 'string' ? code : null);
}

async function tryOnce(
  { url: address, id, body, secrets }: WebhookMessage,
  at: Date,
  { allowedHosts, lookup }: SendOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(address);
  const addresses = await findPublicAddresses(url, allowedHosts, lookup);
  const timestamp = Math.floor(at.getTime() / 1000);
  const response = await post(url, addresses, body, signal, {
    'content-type': 'application/json',
    'user-agent': 'Carga-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signWebhook(secrets, { id, timestamp, body }),
  });
  const status = response.statusCode ?? 0;
  const isDelivered = status >= 200 && status < 300;
  const beginning = await readBeginning(response).catch(() => '');
  return { status, error: isDelivered ? null : 'http_status', detail: null, response: beginning };
}

/** Posts to one of the addresses given and to no other, whatever the name means by now. */
function post(
  url: URL,
  addresses: readonly HostAddress[],
  body: string,
  signal: AbortSignal,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  const [first] = addresses as [HostAddress];
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    // No connection is shared: the next message checks its address anew.
    agent: false,
    signal,
    lookup: (_hostname, { all }, done) => (all ? done(null, [...addresses]) : done(null, first.address, first.family)),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    send(url, options, resolve).on('error', reject).end(body);
  });
}

/** The first bytes of an answer as text that PostgreSQL can hold; the rest is not waited for. */
async function readBeginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the connection.
    if (bytes >= KEPT_BYTES) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, KEPT_BYTES));
  return text.replaceAll('\u0000', '\ufffd');
}
