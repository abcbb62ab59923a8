import type { JobDto } from '#lib/api/schemas.ts';
import { isTerminal } from '#lib/job/job-states.ts';
import { ApiError } from './api-error.ts';
import { backoffMs, sleep } from './backoff.ts';
import { EventStreamParser, isNewerEventId, readEventStream } from './event-stream.ts';
import { mayPass, readJson, type SendRequest } from './send-request.ts';

/** How news of a job arrive: by events, not at the moment, or by asking again and again. */
export type WatchConnection = 'live' | 'reconnecting' | 'polling';

/** How to watch. */
export interface WatchOptions {
  signal?: AbortSignal;
  /** Told at each change, for a notice to the user. */
  onConnection?: (connection: WatchConnection) => void;
  /** How long nothing may answer before the last failure is thrown; two minutes unless said, Infinity for never. */
  giveUpAfterMs?: number;
}

/** A quiet queue sends nothing but keep-alives, which come far more often than this. */
const IDLE_MS = 45_000;

/** Streams that end without one event, in a row, before asking takes their place: some proxies hold events back. */
const MAX_EMPTY_STREAMS = 3;

/** Answers while polling come at least this often when nothing changes, so that a bar still moves. */
const POLL_WAIT_S = 2;

/** The least time between two questions, also where `?wait=` is not honoured. */
const POLL_INTERVAL_MS = 1000;

const GIVE_UP_AFTER_MS = 120_000;

/**
 * Follows a job until it ends: its newest state first, then each change, never an older one than was given before. The
 * event stream is resumed where it broke off; where it does not get through, the status route is asked instead.
 * @throws ApiError when the job may not be seen, ConnectionError when nothing answered for `giveUpAfterMs`.
 */
export async function* watchJob(
  send: SendRequest,
  statusPath: string,
  options: WatchOptions = {},
): AsyncGenerator<JobDto, void, undefined> {
  const { signal } = options;
  const giveUpAfterMs = options.giveUpAfterMs ?? GIVE_UP_AFTER_MS;
  let connection: WatchConnection | null = null;
  const tell = (next: WatchConnection) => {
    if (next !== connection) options.onConnection?.(next);
    connection = next;
  };
  let lastId: string | null = null;
  let emptyStreams = 0;
  let tries = 0;
  let answeredAt = Date.now();

  while (emptyStreams < MAX_EMPTY_STREAMS) {
    const parser = new EventStreamParser();
    try {
      emptyStreams++;
      const body = await openEvents(send, statusPath, lastId, signal);
      if (body === null) break;
      answeredAt = Date.now();
      tell('live');
      for await (const event of readEventStream(body, parser, IDLE_MS)) {
        answeredAt = Date.now();
        emptyStreams = 0;
        tries = 0;
        if (event.event !== 'status' || !isNewerEventId(event.id, lastId)) continue;
        if (event.id !== '') lastId = event.id;
        const job = JSON.parse(event.data) as JobDto;
        yield job;
        if (isTerminal(job.status)) return;
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof ApiError && !mayPass(error)) throw error;
      if (Date.now() - answeredAt > giveUpAfterMs) throw error;
      // Nobody there is no sign against events: only streams that open and stay empty are.
      if (mayPass(error)) emptyStreams--;
    }
    tell('reconnecting');
    await sleep(parser.retryMs ?? backoffMs(++tries), signal);
  }
  yield* pollJob(send, statusPath, { signal, tell, giveUpAfterMs });
}

/** The body of the event stream; null when something else than events is answered there. */
async function openEvents(
  send: SendRequest,
  statusPath: string,
  lastId: string | null,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array> | null> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (lastId !== null) headers['last-event-id'] = lastId;
  // Not repeated down there: the loop above repeats, and tells the user meanwhile.
  return send({ path: `${statusPath}/events`, headers, signal, isRepeatable: false }, async (response) => {
    const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (isEvents && response.body !== null) return response.body;
    await response.body?.cancel();
    return null;
  });
}

async function* pollJob(
  send: SendRequest,
  statusPath: string,
  options: { signal?: AbortSignal; tell: (connection: WatchConnection) => void; giveUpAfterMs: number },
): AsyncGenerator<JobDto, void, undefined> {
  const { signal, tell } = options;
  let answeredAt = Date.now();
  for (;;) {
    const askedAt = Date.now();
    try {
      const job = await send({ path: statusPath, query: { wait: POLL_WAIT_S }, signal }, readJson<JobDto>);
      answeredAt = Date.now();
      tell('polling');
      yield job;
      if (isTerminal(job.status)) return;
    } catch (error) {
      if (signal?.aborted || !mayPass(error) || Date.now() - answeredAt > options.giveUpAfterMs) throw error;
      tell('reconnecting');
    }
    await sleep(Math.max(0, POLL_INTERVAL_MS - (Date.now() - askedAt)), signal);
  }
}
