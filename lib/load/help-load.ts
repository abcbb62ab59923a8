import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DbPool } from '../db/pool.ts';
import { type ChunkPlan, canFollow } from './chunk-plan.ts';
import { claimChunk } from './chunk-record.ts';
import { fetchSource, type SourceJob } from './fetch-source.ts';
import type { LoadContext } from './load-context.ts';
import { openLoadSession } from './load-session.ts';
import { ShutdownError } from './shutdown-error.ts';
import { stageChunk } from './stage-chunk.ts';

/** What a helper needs of the process it runs in. */
export type HelpContext = Omit<LoadContext, 'isLastTry' | 'callHelpers' | 'chunkRows'> & {
  /** Whether loads wait for a slot: they go before chunks of another one. */
  areLoadsWaiting: () => Promise<boolean>;
};

/** How a helper left: `done` when there was nothing left to take, `interrupted` when there may be. */
export type HelpEnd = 'done' | 'interrupted';

async function readHelpedJob(pool: DbPool, jobId: string): Promise<{ job: SourceJob; plan: ChunkPlan } | null> {
  const { rows } = await pool.query(
    `select j.id, j.bucket, j.object_key as "objectKey", j.etag, j.version_id as "versionId",
            j.file_size_bytes as "fileSizeBytes", j.file_sha256 as "fileSha256", j.file_format as "fileFormat", j.options, p.plan
       from carga.jobs j join carga.chunk_plans p on p.job_id = j.id
      where j.id = $1 and j.status in ('queued', 'processing') and j.cancel_requested_at is null
        and exists (select 1 from carga.job_chunks c where c.job_id = j.id and c.status <> 'done' and not c.is_for_leader)`,
    [jobId],
  );
  if (rows.length === 0) return null;
  const { plan, ...job } = rows[0];
  return { job, plan };
}

/**
 * Stages chunks of a job that an attempt, in this worker or another, has divided. Whatever goes wrong here is no fault
 * of the job: the attempt stages what nobody else does, and meets the fault itself if it is the file's.
 */
export async function helpLoad(context: HelpContext, jobId: string): Promise<HelpEnd> {
  const { pool } = context;
  const logger = context.logger.child({ jobId });
  const helped = await readHelpedJob(pool, jobId);
  if (!helped) return 'done';
  const { job, plan } = helped;
  if (!canFollow(plan)) {
    logger.info('another version of the program has divided the file');
    return 'done';
  }
  const abort = new AbortController();
  const onShutdown = () => abort.abort(new ShutdownError('the worker is ending'));
  context.shutdown.addEventListener('abort', onShutdown, { once: true });
  if (context.shutdown.aborted) onShutdown();
  const { signal } = abort;
  const directory = await mkdtemp(path.join(context.tempDirectory, 'chunk-'));
  try {
    const session = await openLoadSession(context, signal);
    try {
      const { storage, maxFileBytes, sideLaneBytes, atStep } = context;
      const fetched = await fetchSource(job, directory, { storage, maxFileBytes, signal });
      const file = plan.csv === null ? fetched.file : { ...fetched.file, csv: plan.csv };
      const readerOptions = { tempDirectory: directory, signal };
      const onLost = (error: Error) => abort.abort(error);
      const work = { session, pool, plan, file, readerOptions, sideLaneBytes, onLost, atStep };
      while (true) {
        signal.throwIfAborted();
        const claim = await claimChunk(session.db, { jobId, workerId: context.workerId, isLeader: false });
        if (!claim) return 'done';
        // A helper that is stopped has not failed.
        await stageChunk(work, claim, () => !signal.aborted);
        logger.info('staged a chunk', { chunk: claim.number });
        if (await context.areLoadsWaiting()) return 'interrupted';
      }
    } finally {
      await session.close();
    }
  } catch (thrown) {
    const error = signal.aborted ? signal.reason : thrown;
    if (error instanceof ShutdownError) return 'interrupted';
    logger.info('helped no longer', { error });
    return 'done';
  } finally {
    context.shutdown.removeEventListener('abort', onShutdown);
    await rm(directory, { recursive: true, force: true });
  }
}
