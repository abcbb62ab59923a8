import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { CommandFault, UsageFault } from './command-fault.ts';
import type { OptionSpec } from './parse-arguments.ts';
import { connect, type Session } from './session.ts';

/** Options of every command about one job. */
export const JOB_OPTIONS = { figura: { type: 'string' } } as const satisfies Record<string, OptionSpec>;

/** A client, and the job that the first argument names. @throws UsageFault, CommandFault `job_not_found` */
export async function connectToJob(session: Session): Promise<{ client: ApiClient; figura: string; id: string }> {
  const { args, messages, interruption } = session;
  const id = (args.positionals[0] ?? '').toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new UsageFault(messages.wrongId(id));
  const client = connect(session);
  const figura = args.text('figura');
  if (figura !== undefined) return { client, figura, id };
  // The routes of a job want the figura; the list of all jobs knows it.
  const page = await client.listJobs({ q: id }, { signal: interruption });
  const job = page.items.find((item) => item.id === id);
  if (!job) throw new CommandFault('job_not_found', messages.jobNotFound(id));
  return { client, figura: job.figura, id };
}
