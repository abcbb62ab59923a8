import type { EnqueueDto, JobDto } from '#lib/api/schemas.ts';
import { ApiError } from '#lib/api-client/api-error.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { type FaultReport, reportFault, UsageFault } from '../command-fault.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { FILE_OPTIONS, readFileOptions } from '../file-options.ts';
import { exitCodeOf, followJob } from '../follow-job.ts';
import type { Messages } from '../messages/message-types.ts';
import { type Arguments, COMMON_OPTIONS } from '../parse-arguments.ts';
import { printJob } from '../print-job.ts';
import { printable } from '../printable.ts';
import { sendFile } from '../send-file.ts';
import { type Command, connect, type Session } from '../session.ts';

/** Sends files, one after the other, and follows their jobs. */
export const push: Command = {
  spec: {
    positionals: ['FIGURA', 'FILE…'],
    options: {
      ...COMMON_OPTIONS,
      ...FILE_OPTIONS,
      mode: { type: 'string', values: ['merge', 'append', 'snapshot'] },
      'on-error': { type: 'string', values: ['skip', 'abort'] },
      'max-errors': { type: 'string' },
      'dry-run': { type: 'boolean' },
      force: { type: 'boolean' },
      map: { type: 'string', multiple: true },
      'as-is': { type: 'boolean' },
      watch: { type: 'boolean' },
      'no-wait': { type: 'boolean' },
    },
  },
  run: async (session) => {
    const { args, messages, interruption } = session;
    const [figura = '', ...files] = args.positionals;
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(figura)) throw new UsageFault(messages.wrongFigura(figura));
    if (files.filter((file) => file === '-').length > 1) throw new UsageFault(messages.stdinTwice);
    if (args.flag('watch') && args.flag('no-wait')) throw new UsageFault(messages.watchOrNot);
    const options = { file: readFileOptions(args, messages), job: readJobOptions(args, messages) };
    const client = connect(session);
    // First: a name mistyped or a key revoked should not cost the conversion of gigabytes.
    await client.getFigura(figura, { signal: interruption });
    const pushOne = (file: string) => pushFile(session, client, figura, file, options);
    if (files.length === 1) {
      const { outcome, exitCode } = await pushOne(files[0] as string);
      if (outcome !== null) session.printJson(outcome);
      return exitCode;
    }
    return pushMany(session, files, pushOne);
  },
};

interface Pushed {
  /** The job at its end, or as it was enqueued; null when the user stopped watching. */
  outcome: JobDto | Awaited<ReturnType<ApiClient['enqueueJob']>> | null;
  exitCode: number;
}

async function pushFile(
  session: Session,
  client: ApiClient,
  figura: string,
  file: string,
  options: Parameters<typeof sendFile>[4],
): Promise<Pushed> {
  const { args, messages } = session;
  const enqueued = await sendFile(session, client, figura, file, options);
  session.say(messages.enqueued(enqueued.id));
  if (args.flag('no-wait')) {
    session.print(enqueued.id);
    return { outcome: enqueued, exitCode: EXIT_CODES.complete };
  }
  const job = await followJob(session, client, figura, enqueued.id);
  if (job === null) return { outcome: null, exitCode: EXIT_CODES.interrupted };
  if (!session.isJson) await printJob(session, client, job);
  return { outcome: job, exitCode: exitCodeOf(job) };
}

/** The worst of several ends first: what a script must look at before anything else. */
const WORST_FIRST = [
  EXIT_CODES.interrupted,
  EXIT_CODES.unavailable,
  EXIT_CODES.failed,
  EXIT_CODES.usage,
  EXIT_CODES.rejected,
  EXIT_CODES.complete,
] as const;

/** One file after the other: what fails is told, and the rest is sent all the same. */
async function pushMany(
  session: Session,
  files: readonly string[],
  pushOne: (file: string) => Promise<Pushed>,
): Promise<number> {
  const { messages, interruption } = session;
  const results: ({ file: string; job: Pushed['outcome'] } | { file: string; error: FaultReport['json'] })[] = [];
  const exitCodes: number[] = [];
  for (const [index, file] of files.entries()) {
    session.say(messages.fileOf(index + 1, files.length, printable(file)));
    try {
      const { outcome, exitCode } = await pushOne(file);
      exitCodes.push(exitCode);
      results.push({ file, job: outcome });
    } catch (error) {
      const report = reportFault(error, messages);
      session.say(...report.lines.map((line, at) => (at === 0 ? `carga: ${line}` : line)));
      exitCodes.push(report.exitCode);
      results.push({ file, error: report.json });
      // Whatever comes after would be refused for the same reason.
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) break;
    }
    if (interruption.aborted) break;
  }
  session.printJson(results);
  const good = exitCodes.filter((code) => code === EXIT_CODES.complete || code === EXIT_CODES.rejected).length;
  session.say(messages.filesDone(good, files.length));
  return WORST_FIRST.find((code) => exitCodes.includes(code)) ?? EXIT_CODES.failed;
}

/** Reads what the options ask of the job. @throws UsageFault */
function readJobOptions(args: Arguments, messages: Messages): Omit<EnqueueDto, 'url'> {
  const options: Omit<EnqueueDto, 'url'> = {};
  const mode = args.text('mode');
  if (mode !== undefined) options.mode = mode as EnqueueDto['mode'];
  const onError = args.text('on-error');
  if (onError !== undefined) options.onError = onError as EnqueueDto['onError'];
  const maxErrors = args.text('max-errors');
  if (maxErrors !== undefined) {
    if (maxErrors !== 'none' && !/^\d{1,15}$/.test(maxErrors)) {
      throw new UsageFault(messages.wrongNumber('--max-errors', maxErrors));
    }
    options.maxErrors = maxErrors === 'none' ? null : Number(maxErrors);
  }
  if (args.flag('dry-run')) options.dryRun = true;
  if (args.flag('force')) options.force = true;
  const pairs = args.texts('map').map((text) => {
    // Names of table columns hold no "=", headers of files may.
    const cut = text.lastIndexOf('=');
    if (cut < 1 || cut === text.length - 1) throw new UsageFault(messages.wrongMap(text));
    return [text.slice(0, cut), text.slice(cut + 1)] as const;
  });
  if (pairs.length > 0) options.mapping = Object.fromEntries(pairs);
  return options;
}
