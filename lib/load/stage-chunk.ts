import type { DbPool } from '../db/pool.ts';
import { openCopyRows, type ReaderOptions, type SourceFile } from '../formats/reader/reader.ts';
import type { ChunkPlan } from './chunk-plan.ts';
import { type ChunkClaim, ClaimLostError, finishChunk, releaseChunk, reportChunk } from './chunk-record.ts';
import type { LoadContext } from './load-context.ts';
import { copyColumnsOf } from './load-plan.ts';
import type { LoadSession } from './load-session.ts';
import { stageRows } from './stage-rows.ts';
import { watchRows } from './watch-rows.ts';

// As often as an attempt tells its progress: a helper hears of a cancellation in the answer.
const REPORT_INTERVAL_MS = 500;

/** What staging a chunk needs. */
export interface ChunkWork {
  session: LoadSession;
  pool: DbPool;
  plan: ChunkPlan;
  file: SourceFile;
  readerOptions: ReaderOptions;
  sideLaneBytes: LoadContext['sideLaneBytes'];
  /** Called with `ClaimLostError` when the chunk is not wanted any more; has to abort the session and the reader. */
  onLost: (error: ClaimLostError) => void;
  atStep: (step: string) => Promise<void> | void;
}

/**
 * Stages the rows of a chunk into a table of its own. When that fails, the chunk is given back: to everybody, or, where
 * `isForLeader` says so of the failure, to the job's attempt alone.
 */
export async function stageChunk(
  work: ChunkWork,
  claim: ChunkClaim,
  isForLeader: (error: unknown) => boolean,
): Promise<void> {
  const { session, pool, plan, file, readerOptions } = work;
  let rowsRead = 0;
  const report = async () => {
    const isWanted = await reportChunk(pool, claim, rowsRead);
    if (!isWanted) work.onLost(new ClaimLostError(`chunk ${claim.number} is not wanted any more`));
  };
  const reports = setInterval(() => void report().catch(() => {}), REPORT_INTERVAL_MS);
  try {
    const target = { columns: plan.columns, opSource: plan.opSource, stage: claim.table };
    const { firstRow, rowCount, from, to } = claim;
    const part = { firstRow, rowCount, from, to, fileColumns: plan.fileColumns };
    const staged = await stageRows(session, target, work.sideLaneBytes, () =>
      watchRows(
        openCopyRows(file, copyColumnsOf(plan), readerOptions, part),
        (row) => {
          rowsRead = row - claim.firstRow + 1;
        },
        () => void work.atStep('copying'),
      ),
    );
    clearInterval(reports);
    await finishChunk(session.db, claim, staged.staged);
  } catch (error) {
    clearInterval(reports);
    // Through the pool: the session may be gone, or its statements are being cancelled.
    await releaseChunk(pool, claim, { isForLeader: isForLeader(error) }).catch(() => {});
    throw error;
  }
  await work.atStep('chunk_staged');
}
