import type { Task } from 'graphile-worker';
import { type HelpContext, helpLoad } from '#lib/load/help-load.ts';
import { areLoadsWaiting, chunkPayloadSchema, enqueueHelper } from '#lib/queue/chunk-task.ts';

/** Helps to stage a job's chunks. */
export function createChunkTask(
  context: Omit<HelpContext, 'areLoadsWaiting' | 'shutdown'>,
  shutdown: AbortSignal,
): Task {
  return async (payload) => {
    const { jobId, helper } = chunkPayloadSchema.parse(payload);
    const end = await helpLoad({ ...context, shutdown, areLoadsWaiting: () => areLoadsWaiting(context.pool) }, jobId);
    // As a new task, behind the loads that wait.
    if (end === 'interrupted') await enqueueHelper(context.pool, jobId, helper);
  };
}
