import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { CommandFault, UsageFault } from '../command-fault.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { exitCodeOf, followJob } from '../follow-job.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { printJob } from '../print-job.ts';
import { type Command, connect, type Session } from '../session.ts';

/** Shows a job, or follows it. */
export const status: Command = {
  spec: {
    positionals: ['ID'],
    options: { ...COMMON_OPTIONS, watch: { type: 'boolean' }, figura: { type: 'string' } },
  },
  run: async (session) => {
    const { args, messages } = session;
    const id = (args.positionals[0] ?? '').toLowerCase();
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new UsageFault(messages.wrongId(id));
    const client = connect(session);
    const figura = args.text('figura') ?? (await figuraOfJob(session, client, id));
    const job = args.flag('watch')
      ? await followJob(session, client, figura, id)
      : await client.getJob(figura, id, { signal: session.interruption });
    if (job === null) return EXIT_CODES.interrupted;
    session.printJson(job);
    if (!session.isJson) await printJob(session, client, job);
    return exitCodeOf(job);
  },
};

/** The status route wants the figura; the list of all jobs knows it. */
async function figuraOfJob({ messages, interruption }: Session, client: ApiClient, id: string): Promise<string> {
  const page = await client.listJobs({ q: id }, { signal: interruption });
  const job = page.items.find((item) => item.id === id);
  if (!job) throw new CommandFault('job_not_found', messages.jobNotFound(id));
  return job.figura;
}
