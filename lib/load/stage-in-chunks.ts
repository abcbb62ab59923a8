import { setTimeout as sleep } from 'node:timers/promises';
import { withTransaction } from '../db/transaction.ts';
import type { FileChunk } from '../formats/reader/reader.ts';
import type { AttemptProgress } from './attempt-progress.ts';
import type { ChunkPlan } from './chunk-plan.ts';
import { claimChunk, countChunkRows, planJobChunks, readParts } from './chunk-record.ts';
import { createStageOfParts } from './create-stage.ts';
import { addJobEvent, type ClaimedJob, requireAttempt } from './job-record.ts';
import type { LoadPlan } from './load-plan.ts';
import { type ChunkWork, stageChunk } from './stage-chunk.ts';
import type { StagedRows } from './stage-rows.ts';

// Rows of chunks that others stage are counted this often; progress is told as often.
const COUNT_INTERVAL_MS = 500;
// A chunk whose helper died is free within milliseconds; until then there is nothing else to do.
const WAIT_MS = 200;

/** What an attempt brings to the chunks of its job. */
export interface ChunkedLoad extends Omit<ChunkWork, 'plan' | 'onLost'> {
  job: ClaimedJob;
  plan: LoadPlan;
  chunkPlan: ChunkPlan;
  chunks: readonly FileChunk[];
  workerId: string;
  progress: AttemptProgress;
  signal: AbortSignal;
  /** Asks workers with a free slot to help. */
  callHelpers: (jobId: string, count: number) => Promise<void>;
}

/**
 * Stages a large file: this attempt takes one chunk after the other, beside whoever helps, waits for the last of them,
 * and puts the stage together from their tables. @returns the plan with its parts
 */
export async function stageInChunks(load: ChunkedLoad): Promise<{ plan: LoadPlan; staged: StagedRows }> {
  const { job, session, pool, chunkPlan, chunks, progress, signal } = load;
  const { db } = session;
  const done = await planJobChunks(db, job, chunkPlan, chunks);
  await addJobEvent(pool, job.id, job.attempt, 'divided', { chunks: chunks.length, done });
  const read = chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const open = chunks.length - done;
  if (open > 1) await load.callHelpers(job.id, open - 1);
  const count = async () => {
    // A helper that dies takes its rows back; what was told stays told.
    progress.rowsRead = Math.max(progress.rowsRead, await countChunkRows(pool, job.id));
    progress.reach('staging', progress.rowsRead / read);
  };
  const counts = setInterval(() => void count().catch(() => {}), COUNT_INTERVAL_MS);
  try {
    while (true) {
      signal.throwIfAborted();
      const claim = await claimChunk(db, { jobId: job.id, workerId: load.workerId, isLeader: true });
      // What stops an attempt is told by its progress.
      if (claim) await stageChunk({ ...load, plan: chunkPlan, onLost: () => {} }, claim, () => false);
      else if (await readParts(db, job.id)) break;
      else await sleep(WAIT_MS);
    }
  } finally {
    clearInterval(counts);
  }
  return withTransaction(db, async () => {
    // From here on rows leave the tables: no attempt but the newest may get hold of them.
    await requireAttempt(db, job);
    const parts = (await readParts(db, job.id)) ?? [];
    const plan = { ...load.plan, parts };
    await createStageOfParts(db, plan);
    const staged = parts.reduce((sum, part) => sum + part.staged, 0);
    return { plan, staged: { read, staged } };
  });
}
