import { randomUUID } from 'node:crypto';
import { qualified } from '../db/identifiers.ts';
import type { DbClient, Queryable } from '../db/pool.ts';
import { withTransaction } from '../db/transaction.ts';
import type { FileChunk } from '../formats/reader/reader.ts';
import { type ChunkPlan, hashChunkPlan } from './chunk-plan.ts';
import { dropCopied } from './create-stage.ts';
import { type ClaimedJob, requireAttempt } from './job-record.ts';
import { chunkTableName, STAGE_SCHEMA, type StagePart } from './load-plan.ts';

/** A chunk that this session holds: while the session lives, nobody else takes it. */
export interface ChunkClaim extends FileChunk {
  jobId: string;
  number: number;
  token: string;
  /** The chunk's table, quoted. */
  table: string;
}

/** The claim was lost: the chunk is staged by somebody else, or its job has ended. */
export class ClaimLostError extends Error {
  override name = 'ClaimLostError';
}

// Held by the session that stages the chunk. PostgreSQL gives it back when the session ends, however that happens.
const CLAIM_LOCK = `hashtextextended('carga:chunk:' || $1::text, 0)`;

const tableOf = (jobId: string, number: number, token: string) =>
  qualified(STAGE_SCHEMA, chunkTableName(jobId, number, token));

/**
 * Writes down the chunks of a job. Where an earlier attempt came to the same plan, its chunks that are done are kept,
 * and so are those that a helper is at. @returns how many chunks are done already. @throws FencedError, CancelledError
 */
export async function planJobChunks(
  db: DbClient,
  job: Pick<ClaimedJob, 'id' | 'attempt'>,
  plan: ChunkPlan,
  chunks: readonly FileChunk[],
): Promise<number> {
  const hash = hashChunkPlan(plan, chunks);
  return withTransaction(db, async () => {
    await requireAttempt(db, job);
    const { rows } = await db.query('select hash from carga.chunk_plans where job_id = $1', [job.id]);
    if (rows[0]?.hash === hash) return keepWholeChunks(db, job.id);
    await dropDoneChunks(db, job.id);
    await db.query('delete from carga.job_chunks where job_id = $1', [job.id]);
    await db.query(
      `insert into carga.chunk_plans (job_id, hash, plan) values ($1, $2, $3)
       on conflict (job_id) do update set hash = excluded.hash, plan = excluded.plan`,
      [job.id, hash, JSON.stringify(plan)],
    );
    await db.query(
      `insert into carga.job_chunks (job_id, number, first_row, row_count, start_byte, end_byte)
       select $1, number, "firstRow", "rowCount", "from", "to"
         from json_to_recordset($2::json) as c(number int, "firstRow" bigint, "rowCount" bigint, "from" bigint, "to" bigint)`,
      [job.id, JSON.stringify(chunks.map((chunk, index) => ({ number: index + 1, ...chunk })))],
    );
    return 0;
  });
}

/**
 * Of the chunks that are done, those whose table still has every row stay so. After a crash of the server unlogged
 * tables are empty, and an attempt that died after it had put its stage together may have taken rows out.
 */
async function keepWholeChunks(db: DbClient, jobId: string): Promise<number> {
  let kept = 0;
  for (const { number, token, staged } of await doneChunks(db, jobId)) {
    const table = tableOf(jobId, number, token);
    const exists = (await db.query('select to_regclass($1) is not null as exists', [table])).rows[0].exists;
    const counted = exists ? Number((await db.query(`select count(*) as n from ${table}`)).rows[0].n) : null;
    if (counted === staged) {
      kept += 1;
      continue;
    }
    await dropCopied(db, table);
    await db.query(
      `update carga.job_chunks set status = 'waiting', token = null, rows_staged = null, rows_read = 0
        where job_id = $1 and number = $2`,
      [jobId, number],
    );
  }
  // Whatever a helper failed on is anybody's again: its disk may have been full.
  await db.query('update carga.job_chunks set is_for_leader = false where job_id = $1 and is_for_leader', [jobId]);
  return kept;
}

async function dropDoneChunks(db: DbClient, jobId: string): Promise<void> {
  for (const { number, token } of await doneChunks(db, jobId)) {
    await dropCopied(db, tableOf(jobId, number, token));
  }
}

async function doneChunks(
  db: Queryable,
  jobId: string,
): Promise<{ number: number; token: string; firstRow: number; rowCount: number; staged: number }[]> {
  const { rows } = await db.query(
    `select number, token, first_row as "firstRow", row_count as "rowCount", rows_staged as staged
       from carga.job_chunks where job_id = $1 and status = 'done' order by number`,
    [jobId],
  );
  return rows;
}

/** The tables of a job's chunks, in the file's order; null while one of them is not done. */
export async function readParts(db: Queryable, jobId: string): Promise<StagePart[] | null> {
  const { rows } = await db.query(
    `select count(*) filter (where status <> 'done') as n from carga.job_chunks where job_id = $1`,
    [jobId],
  );
  if (Number(rows[0].n) > 0) return null;
  return (await doneChunks(db, jobId)).map(({ number, token, ...part }) => ({
    ...part,
    table: tableOf(jobId, number, token),
  }));
}

/** Rows of a job that are in chunks or on their way there. */
export async function countChunkRows(db: Queryable, jobId: string): Promise<number> {
  const { rows } = await db.query(
    'select coalesce(sum(rows_read), 0)::bigint as n from carga.job_chunks where job_id = $1',
    [jobId],
  );
  return Number(rows[0].n);
}

/**
 * Takes the first chunk of a job that nobody is at: one that waits, or one whose holder's session is gone. null: there
 * is none now. The claim lasts as long as the session, unless it is given back.
 */
export async function claimChunk(
  db: DbClient,
  input: { jobId: string; workerId: string; isLeader: boolean },
): Promise<ChunkClaim | null> {
  const { jobId, workerId, isLeader } = input;
  const token = randomUUID();
  const claimed = await withTransaction(db, async () => {
    const { rows } = await db.query(
      `select number, first_row as "firstRow", row_count as "rowCount", start_byte as "from", end_byte as "to", token as lost
         from carga.job_chunks c
        where job_id = $1 and ($2 or not is_for_leader)
          and (status = 'waiting'
               or (status = 'staging' and pg_try_advisory_xact_lock(${CLAIM_LOCK.replace('$1::text', 'c.token::text')})))
        order by number limit 1 for update skip locked`,
      [jobId, isLeader],
    );
    if (rows.length === 0) return null;
    // Before anybody can see the token.
    await db.query(`select pg_advisory_lock(${CLAIM_LOCK})`, [token]);
    await db.query(
      `update carga.job_chunks
          set status = 'staging', token = $3, worker_id = $4, claims = claims + 1, rows_read = 0, rows_staged = null
        where job_id = $1 and number = $2`,
      [jobId, rows[0].number, token, workerId],
    );
    return rows[0];
  });
  if (claimed === null) return null;
  const { lost, ...chunk } = claimed;
  if (lost !== null) await dropCopied(db, tableOf(jobId, chunk.number, lost));
  return { ...chunk, jobId, token, table: tableOf(jobId, chunk.number, token) };
}

/** Tells how far a chunk is. @returns whether it is still wanted */
export async function reportChunk(db: Queryable, claim: ChunkClaim, rowsRead: number): Promise<boolean> {
  const { rows } = await db.query(
    `update carga.job_chunks set rows_read = least(row_count, greatest(rows_read, $4))
      where job_id = $1 and number = $2 and token = $3 and status = 'staging'
      returning (select status in ('queued', 'processing') and cancel_requested_at is null
                   from carga.jobs where id = $1) as wanted`,
    [claim.jobId, claim.number, claim.token, rowsRead],
  );
  return rows[0]?.wanted === true;
}

/** Notes that a chunk's table holds its rows. @throws ClaimLostError when nobody waits for them any more */
export async function finishChunk(db: DbClient, claim: ChunkClaim, staged: number): Promise<void> {
  await withTransaction(db, async () => {
    // The job cannot end meanwhile: whoever ends it drops what is done, and nothing may be done after that.
    const job = await db.query(
      `select 1 from carga.jobs where id = $1 and status in ('queued', 'processing') for share`,
      [claim.jobId],
    );
    const chunk = await db.query(
      `update carga.job_chunks set status = 'done', rows_read = row_count, rows_staged = $4
        where job_id = $1 and number = $2 and token = $3 and status = 'staging'`,
      [claim.jobId, claim.number, claim.token, staged],
    );
    if (job.rowCount !== 1 || chunk.rowCount !== 1) {
      throw new ClaimLostError(`chunk ${claim.number} of job ${claim.jobId} is not wanted any more`);
    }
  });
  await db.query(`select pg_advisory_unlock(${CLAIM_LOCK})`, [claim.token]);
}

/** Gives a chunk back, unstaged, and drops its table. Does nothing to a chunk that is done after all. */
export async function releaseChunk(db: Queryable, claim: ChunkClaim, options: { isForLeader: boolean }): Promise<void> {
  await db.query(
    `update carga.job_chunks
        set status = 'waiting', token = null, rows_read = 0, is_for_leader = is_for_leader or $4
      where job_id = $1 and number = $2 and token = $3 and status = 'staging'`,
    [claim.jobId, claim.number, claim.token, options.isForLeader],
  );
  // A session may be lost between the commit and its answer.
  const { rows } = await db.query(
    `select 1 from carga.job_chunks where job_id = $1 and number = $2 and token = $3 and status = 'done'`,
    [claim.jobId, claim.number, claim.token],
  );
  if (rows.length === 0) await dropCopied(db, claim.table);
}
