import { hostname } from 'node:os';
import type pg from 'pg';
import { type DbPool, openClient } from '../db/pool.ts';
import { withTransaction } from '../db/transaction.ts';

// First half of the advisory lock a worker holds while it lives; the second is its number. Spells "crga".
const LIVENESS_LOCK = 0x63726761;
// A worker that says nothing for this long is stopped or cut off, even if its session still stands. Its sessions are
// then ended, so it must be far above any pause of a healthy one.
const SILENT_AFTER_SECONDS = 20;
const HEARTBEAT_MS = 2000;

/** A worker's entry in the list of the living. */
export interface RegisteredWorker {
  id: string;
  number: number;
  applicationName: string;
  /** Rejects when the session that proves this worker alive is gone: the process must end. */
  lost: Promise<never>;
  /** Notes the queue's name for this worker, which it has only once it runs. */
  setPoolId(poolId: string): Promise<void>;
  /** Takes the worker off the list. */
  leave(): Promise<void>;
}

/** PostgreSQL's name for the sessions of a worker. */
function workerApplicationName(number: number): string {
  return `carga-worker-${number}`;
}

/**
 * Enters a worker into the list of the living. It is alive as long as it holds the advisory lock of its number:
 * PostgreSQL drops that lock some 20 ms after the process dies, however it dies.
 */
export async function registerWorker(
  connectionString: string,
  worker: { concurrency: number },
): Promise<RegisteredWorker> {
  const client: pg.Client = await openClient({ connectionString, applicationName: 'carga-worker' });
  // Entered and locked in one transaction: nobody sees the worker before its lock is held.
  const { id, number } = await withTransaction(client, async () => {
    const { rows } = await client.query(
      `insert into carga.workers (pool_id, host_name, process_id, concurrency) values ('', $1, $2, $3) returning id, number`,
      [hostname(), process.pid, worker.concurrency],
    );
    await client.query(`select set_config('application_name', $1, false), pg_advisory_lock($2, $3)`, [
      workerApplicationName(rows[0].number),
      LIVENESS_LOCK,
      rows[0].number,
    ]);
    return rows[0];
  });
  let isLeaving = false;
  let heartbeat: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    const fail = (error: unknown) => {
      clearInterval(heartbeat);
      if (!isLeaving) reject(error instanceof Error ? error : new Error('the liveness session ended'));
    };
    let missed = 0;
    let isBeating = false;
    const beat = async () => {
      // Counted in beats, not by the clock: a machine that slept has not waited. A line that takes everything and says
      // nothing would else hold this worker, alive but idle, until the kernel gives it up after a quarter of an hour.
      missed = isBeating ? missed + 1 : 0;
      if (missed * HEARTBEAT_MS >= SILENT_AFTER_SECONDS * 1000) throw new Error('PostgreSQL does not answer any more');
      if (isBeating) return;
      isBeating = true;
      const { rowCount } = await client.query(
        'update carga.workers set heartbeat_at = clock_timestamp() where id = $1 and stopped_at is null',
        [id],
      );
      isBeating = false;
      if (rowCount === 0) throw new Error('another worker declared this one dead');
    };
    client.on('error', fail);
    client.on('end', () => fail(undefined));
    heartbeat = setInterval(() => void beat().catch(fail), HEARTBEAT_MS);
  });
  lost.catch(() => {});
  return {
    id,
    number,
    applicationName: workerApplicationName(number),
    lost,
    async setPoolId(poolId) {
      await client.query('update carga.workers set pool_id = $2 where id = $1', [id, poolId]);
    },
    async leave() {
      isLeaving = true;
      clearInterval(heartbeat);
      await client.query('update carga.workers set stopped_at = clock_timestamp() where id = $1', [id]).catch(() => {});
      await client.end().catch(() => {});
    },
  };
}

/** A worker that died without leaving. */
export interface DeadWorker {
  id: string;
  poolId: string;
}

/**
 * Finds workers that died, ends what is left of their sessions, and gives back their queue locks. The caller passes
 * the pool ids to `forceUnlockWorkers`, then calls `markDead`.
 */
export async function findDeadWorkers(pool: DbPool, ownId: string): Promise<DeadWorker[]> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query(
      `select id, number, pool_id as "poolId", heartbeat_at < clock_timestamp() - make_interval(secs => $2) as silent
         from carga.workers where stopped_at is null and id <> $1 order by number`,
      [ownId, SILENT_AFTER_SECONDS],
    );
    const dead: DeadWorker[] = [];
    for (const { id, number, poolId, silent } of rows) {
      const free = (await client.query('select pg_try_advisory_lock($1, $2) as free', [LIVENESS_LOCK, number])).rows[0]
        .free;
      if (free) await client.query('select pg_advisory_unlock($1, $2)', [LIVENESS_LOCK, number]);
      if (!free && !silent) continue;
      // A load left behind would hold its locks until its statement ends.
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = $1 and pid <> pg_backend_pid()`,
        [workerApplicationName(number)],
      );
      dead.push({ id, poolId });
    }
    return dead;
  } finally {
    client.release();
  }
}

/** Notes that the workers are dead and their tasks given back. */
export async function markDead(pool: DbPool, workerIds: string[]): Promise<void> {
  await pool.query(
    'update carga.workers set stopped_at = clock_timestamp() where id = any($1::uuid[]) and stopped_at is null',
    [workerIds],
  );
}

/** How many workers are alive, by their heartbeat. */
export async function countLiveWorkers(pool: DbPool): Promise<number> {
  const { rows } = await pool.query(
    `select count(*)::int as n from carga.workers
      where stopped_at is null and heartbeat_at > clock_timestamp() - make_interval(secs => $1)`,
    [SILENT_AFTER_SECONDS],
  );
  return rows[0].n;
}

/** Pool ids that hold tasks but belong to no worker on the list: processes that died before they were entered. */
export async function findUnlistedPools(pool: DbPool): Promise<string[]> {
  const { rows } = await pool.query(
    `select distinct locked_by as "poolId" from graphile_worker.jobs
      where locked_at < clock_timestamp() - make_interval(secs => $1)
        and locked_by not in (select pool_id from carga.workers where stopped_at is null)`,
    [SILENT_AFTER_SECONDS],
  );
  return rows.map(({ poolId }) => poolId);
}

/** How many jobs the living workers can run at once, and how many tasks they hold. */
export async function countWorkerSlots(pool: DbPool): Promise<{ workers: number; slots: number; busy: number }> {
  const { rows } = await pool.query(
    `select count(*)::int as workers, coalesce(sum(concurrency), 0)::int as slots,
            (select count(*)::int from graphile_worker.jobs where locked_at is not null) as busy
       from carga.workers
      where stopped_at is null and heartbeat_at > clock_timestamp() - make_interval(secs => $1)`,
    [SILENT_AFTER_SECONDS],
  );
  return rows[0];
}
