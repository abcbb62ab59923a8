import { EXIT_CODES } from '../exit-codes.ts';
import { exitCodeOf, followJob } from '../follow-job.ts';
import { connectToJob, JOB_OPTIONS } from '../job-argument.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { printJob } from '../print-job.ts';
import type { Command } from '../session.ts';

/** Tries a failed job again and follows it to its end. */
export const retry: Command = {
  spec: { positionals: ['ID'], options: { ...COMMON_OPTIONS, ...JOB_OPTIONS, 'no-wait': { type: 'boolean' } } },
  run: async (session) => {
    const signal = session.interruption;
    const { client, figura, id } = await connectToJob(session);
    await client.retryJob(figura, id, { signal });
    session.say(session.messages.enqueued(id));
    const job = session.args.flag('no-wait')
      ? await client.getJob(figura, id, { signal })
      : await followJob(session, client, figura, id);
    if (job === null) return EXIT_CODES.interrupted;
    session.printJson(job);
    if (!session.isJson) await printJob(session, client, job);
    return exitCodeOf(job);
  },
};
