import { isTerminal } from '#lib/job/job-states.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { connectToJob, JOB_OPTIONS } from '../job-argument.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import type { Command } from '../session.ts';

/** As long as the service holds an answer back; a worker ends its job within two seconds. */
const WAIT_SECONDS = 30;

/** Ends a job with its table untouched. */
export const cancel: Command = {
  spec: { positionals: ['ID'], options: { ...COMMON_OPTIONS, ...JOB_OPTIONS } },
  run: async (session) => {
    const signal = session.interruption;
    const { client, figura, id } = await connectToJob(session);
    await client.cancelJob(figura, id, { signal });
    let job = await client.getJob(figura, id, { signal });
    if (!isTerminal(job.status)) job = await client.getJob(figura, id, { signal, waitSeconds: WAIT_SECONDS });
    session.printJson(job);
    session.print(session.messages.headline(job.figura, session.messages.status(job.status), job.dryRun));
    // A job that was merging already may have come to its end first.
    return job.status === 'cancelled' ? EXIT_CODES.complete : EXIT_CODES.failed;
  },
};
