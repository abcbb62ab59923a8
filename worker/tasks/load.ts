import type { Task } from 'graphile-worker';
import { type LoadContext, runLoad } from '#lib/load/run-load.ts';
import { loadPayloadSchema } from '#lib/queue/load-task.ts';

/** Runs one job. */
export function createLoadTask(context: Omit<LoadContext, 'isLastTry' | 'shutdown'>, shutdown: AbortSignal): Task {
  return async (payload, helpers) => {
    const { jobId } = loadPayloadSchema.parse(payload);
    const isLastTry = helpers.job.attempts >= helpers.job.max_attempts;
    await runLoad({ ...context, isLastTry, shutdown }, jobId);
  };
}
