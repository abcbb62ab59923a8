import type { Task } from 'graphile-worker';
import type { LoadContext } from '#lib/load/load-context.ts';
import { runLoad } from '#lib/load/run-load.ts';
import { enqueueHelpers } from '#lib/queue/chunk-task.ts';
import { loadPayloadSchema } from '#lib/queue/load-task.ts';

/** Runs one job; its id is in `ledJobs` meanwhile. */
export function createLoadTask(
  context: Omit<LoadContext, 'isLastTry' | 'shutdown' | 'callHelpers'>,
  shutdown: AbortSignal,
  ledJobs: Set<string>,
): Task {
  return async (payload, helpers) => {
    const { jobId } = loadPayloadSchema.parse(payload);
    const isLastTry = helpers.job.attempts >= helpers.job.max_attempts;
    const callHelpers = (id: string, count: number) => enqueueHelpers(context.pool, id, count);
    ledJobs.add(jobId);
    try {
      await runLoad({ ...context, isLastTry, shutdown, callHelpers }, jobId);
    } finally {
      ledJobs.delete(jobId);
    }
  };
}
