import type { DbPool } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import type { Caller } from './caller.ts';

// Half of the second after which a revoked key must be dead everywhere.
const CHECK_EVERY_MS = 500;

/** What somebody was let in with, as the database has it now; no row when they would not be let in any more. */
const STANDING = `
  select id, role::text, figuras, session_version as "sessionVersion"
    from carga.users where id = any($1::uuid[]) and disabled_at is null
  union all
  select id, role::text, figuras, null
    from carga.api_keys
   where id = any($1::uuid[]) and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())
  union all
  select id, 'ended', '{}', null from carga.ended_sessions where id = any($2::uuid[])`;

/** A caller whose answer is still on its way. */
export interface WatchedCaller {
  /** Aborted with an AppError once the caller would be refused, or may do something else than when they were let in. */
  signal: AbortSignal;
  /** To be called when the answer has ended. */
  stop(): void;
}

interface Standing {
  id: string;
  role: string;
  figuras: string[];
  sessionVersion: number | null;
}

/**
 * Asks for as long as answers are held open whether their callers may still have them: a key can be revoked, a person
 * disabled. One query for all of them, however many streams there are, and none while there is no stream.
 */
export class CallerWatch {
  readonly #pool: Pick<DbPool, 'query'>;
  readonly #watched = new Map<AbortController, Caller>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(pool: Pick<DbPool, 'query'>) {
    this.#pool = pool;
  }

  /** Watches a caller until stopped. */
  watch(caller: Caller): WatchedCaller {
    const controller = new AbortController();
    this.#watched.set(controller, caller);
    this.#timer ??= setInterval(() => void this.#ask(), CHECK_EVERY_MS).unref();
    return {
      signal: controller.signal,
      stop: () => {
        this.#watched.delete(controller);
        if (this.#watched.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
      },
    };
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const asked = [...this.#watched];
      const ids = [...new Set(asked.map(([, { id }]) => id))];
      const sessionIds = asked.flatMap(([, { sessionId }]) => sessionId ?? []);
      const { rows } = await this.#pool.query<Standing>(STANDING, [ids, sessionIds]);
      const now = new Map(rows.map((row) => [row.id, row]));
      for (const [controller, caller] of asked) {
        const isEnded = caller.sessionId !== undefined && now.has(caller.sessionId);
        const refusal = refusalOf(caller, isEnded ? undefined : now.get(caller.id));
        if (refusal) controller.abort(refusal);
      }
    } catch {
      // Without a database the answers themselves fail: they read their job from it.
    } finally {
      this.#isAsking = false;
    }
  }
}

/** Why the caller may not have the rest of the answer; null when they may. */
function refusalOf(caller: Caller, now: Standing | undefined): AppError | null {
  if (now === undefined || now.sessionVersion !== (caller.sessionVersion ?? null)) {
    return caller.kind === 'apiKey'
      ? new AppError('invalid_credentials', `key ${caller.id} was revoked or has expired`)
      : new AppError('unauthenticated', `the session of user ${caller.id} has ended`);
  }
  if (now.role === caller.role && now.figuras.join() === caller.figuras.join()) return null;
  return new AppError('forbidden', `${caller.kind} ${caller.id} may do something else now`);
}
