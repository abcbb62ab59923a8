import type { WorkerUtils } from 'graphile-worker';
import type { DbPool } from '#lib/db/pool.ts';
import type { Logger } from '#lib/log.ts';
import { rescueStrandedJobs } from '#lib/queue/rescue-jobs.ts';
import { findDeadWorkers, findUnlistedPools, markDead } from '#lib/queue/worker-registry.ts';

/**
 * Gives the tasks of dead workers back to the queue. Left alone, the queue would wait four hours for a worker that
 * was killed.
 */
export async function recoverDeadWorkers(context: {
  pool: DbPool;
  utils: WorkerUtils;
  ownId: string;
  logger: Logger;
}): Promise<void> {
  const dead = await findDeadWorkers(context.pool, context.ownId);
  const rescued = await rescueStrandedJobs(context.pool);
  if (rescued > 0) context.logger.warn('gave stranded jobs a new task, or ended them', { jobs: rescued });
  const poolIds = [...dead.map(({ poolId }) => poolId), ...(await findUnlistedPools(context.pool))];
  if (poolIds.length === 0) return;
  await context.utils.forceUnlockWorkers(poolIds);
  await markDead(
    context.pool,
    dead.map(({ id }) => id),
  );
  context.logger.warn('gave back the tasks of dead workers', { workers: poolIds.length });
}
