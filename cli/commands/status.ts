import { EXIT_CODES } from '../exit-codes.ts';
import { exitCodeOf, followJob } from '../follow-job.ts';
import { connectToJob, JOB_OPTIONS } from '../job-argument.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { printJob } from '../print-job.ts';
import type { Command } from '../session.ts';

/** Shows a job, or follows it. */
export const status: Command = {
  spec: { positionals: ['ID'], options: { ...COMMON_OPTIONS, ...JOB_OPTIONS, watch: { type: 'boolean' } } },
  run: async (session) => {
    const { client, figura, id } = await connectToJob(session);
    const job = session.args.flag('watch')
      ? await followJob(session, client, figura, id)
      : await client.getJob(figura, id, { signal: session.interruption });
    if (job === null) return EXIT_CODES.interrupted;
    session.printJson(job);
    if (!session.isJson) await printJob(session, client, job);
    return exitCodeOf(job);
  },
};
