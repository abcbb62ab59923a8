import 'server-only';
import { randomUUID } from 'node:crypto';
import type { Caller } from '../access/caller.ts';
import type { DbPool, Queryable } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import { hashOf } from './hash-of.ts';

/** An answer that can be given again. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A request that was let in under its `Idempotency-Key`. */
export interface IdempotencyClaim {
  /**
   * Keeps the answer, best in the transaction of the change: both are there, or neither. Without this the answer is
   * kept when the handler is done. @throws AppError `idempotency_key_in_flight` when the claim was lost meanwhile
   */
  keep(db: Queryable, answer: KeptAnswer): Promise<void>;
}

/** A request with its key. `route` is the route's name: a key means nothing to another route or caller. */
export interface KeyedRequest {
  caller: Caller;
  route: string;
  key: string;
  /** What the request asks for: two that differ here are two requests. */
  content: unknown;
}

// A process that died leaves its claim behind. Longer than any request of these routes takes; one that took longer
// finds its claim gone and is rolled back.
const ABANDONED_SECONDS = 60;
const KEPT_HOURS = 24;
/** The headers that belong to an answer itself, and not to the request that asked for it. */
const KEPT_HEADERS = ['content-type', 'location', 'retry-after'];

const CLAIM = `
  insert into carga.idempotency_keys as kept (caller, route, key, request_hash, claim) values ($1, $2, $3, $4, $5)
  on conflict (caller, route, key) do update
     set request_hash = excluded.request_hash, claim = excluded.claim, answer = null,
         claimed_at = clock_timestamp(), created_at = clock_timestamp()
   where kept.created_at < clock_timestamp() - make_interval(hours => ${KEPT_HOURS})
      or (kept.answer is null and kept.request_hash = excluded.request_hash
          and kept.claimed_at < clock_timestamp() - make_interval(secs => ${ABANDONED_SECONDS}))
  returning claim`;

/**
 * Does the work of a request once for its key: the same request again gets the same answer, byte for byte. Only answers
 * that say it was done are kept: what was refused may be asked again once it is mended.
 * @throws AppError `idempotency_key_reused`, `idempotency_key_in_flight`
 */
export async function answerOnce(
  pool: DbPool,
  request: KeyedRequest,
  work: (claim: IdempotencyClaim) => Promise<Response>,
): Promise<Response> {
  const claim = randomUUID();
  const row = [`${request.caller.kind}:${request.caller.id}`, request.route, request.key];
  const requestHash = hashOf(request.content);
  const claimed = await pool.query(CLAIM, [...row, requestHash, claim]);
  if (claimed.rowCount === 0) return replay(pool, row, requestHash);

  let isKept = false;
  const keep: IdempotencyClaim['keep'] = async (db, answer) => {
    const { rowCount } = await db.query(
      `update carga.idempotency_keys set answer = $5
        where caller = $1 and route = $2 and key = $3 and claim = $4 and answer is null`,
      [...row, claim, JSON.stringify(answer)],
    );
    if (rowCount !== 1) throw inFlight(request.key);
    isKept = true;
  };
  try {
    const response = await work({ keep });
    if (response.ok && !isKept) await keep(pool, await toKept(response.clone()));
    return response;
  } finally {
    // Not kept: refused, or rolled back. The key is free again.
    await pool
      .query(
        'delete from carga.idempotency_keys where caller = $1 and route = $2 and key = $3 and claim = $4 and answer is null',
        [...row, claim],
      )
      .catch(() => {});
  }
}

async function toKept(response: Response): Promise<KeptAnswer> {
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  return { status: response.status, headers, body: await response.text() };
}

const inFlight = (key: string) =>
  new AppError('idempotency_key_in_flight', `a request with the key ${key} is at work`, { details: { seconds: 1 } });

async function replay(pool: DbPool, row: string[], requestHash: string): Promise<Response> {
  const { rows } = await pool.query(
    `select request_hash as "requestHash", answer from carga.idempotency_keys where caller = $1 and route = $2 and key = $3`,
    row,
  );
  const known = rows[0];
  // Given up at this very moment: nobody can tell what it asked for.
  if (!known) throw inFlight(row[2] ?? '');
  if (known.requestHash !== requestHash) {
    throw new AppError('idempotency_key_reused', 'the key was used for another request', {
      details: { key: row[2] ?? '' },
    });
  }
  if (known.answer === null) throw inFlight(row[2] ?? '');
  const { status, headers, body } = JSON.parse(known.answer) as KeptAnswer;
  return new Response(body, { status, headers: { ...headers, 'idempotency-replayed': 'true' } });
}

/** An answer as it leaves. */
export function toResponse({ status, headers, body }: KeptAnswer): Response {
  return new Response(body, { status, headers });
}
