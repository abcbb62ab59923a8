import { createWriteStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EnqueueDto } from '#lib/api/schemas.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { uploadFile } from '#lib/api-client/upload-file.ts';
import { formatBytes, formatDuration, formatNumber } from '#lib/i18n/format.ts';
import { CommandFault, Interruption, UsageFault } from '../command-fault.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { FILE_OPTIONS, type FileOptions, readFileOptions } from '../file-options.ts';
import { exitCodeOf, followJob } from '../follow-job.ts';
import { convertFile, formatOfFile, isTextFormat } from '../local-file.ts';
import type { Messages } from '../messages/message-types.ts';
import { type Arguments, COMMON_OPTIONS } from '../parse-arguments.ts';
import { printJob } from '../print-job.ts';
import { printable } from '../printable.ts';
import { ProgressLine } from '../progress-line.ts';
import { type Command, connect, type Session } from '../session.ts';
import { withTempFolder } from '../temp-folder.ts';

/** Rates of the first moments say nothing: caches fill, connections open. */
const RATE_AFTER_MS = 500;

/** Sends a file and follows its job. */
export const push: Command = {
  spec: {
    positionals: ['FIGURA', 'FILE'],
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
      'no-wait': { type: 'boolean' },
    },
  },
  run: async (session) => {
    const { args, messages } = session;
    const [figura = '', file = ''] = args.positionals;
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(figura)) throw new UsageFault(messages.wrongFigura(figura));
    const fileOptions = readFileOptions(args, messages);
    const jobOptions = readJobOptions(args, messages);
    const client = connect(session);
    const enqueued = await withTempFolder(async (folder) => {
      try {
        // First: a name mistyped or a key revoked should not cost the conversion of gigabytes.
        await client.getFigura(figura, { signal: session.interruption });
        const local = await prepareFile(session, file, fileOptions, folder);
        const { url } = await upload(session, client, figura, local);
        const csv = Object.keys(fileOptions.csv).length > 0 ? fileOptions.csv : undefined;
        return await client.enqueueJob(figura, { ...jobOptions, url, format: local.format, csv });
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        throw new CommandFault('interrupted', messages.uploadGivenUp, EXIT_CODES.interrupted);
      }
    });
    session.say(messages.enqueued(enqueued.id));
    if (args.flag('no-wait')) {
      session.printJson(enqueued);
      session.print(enqueued.id);
      return EXIT_CODES.complete;
    }
    const job = await followJob(session, client, figura, enqueued.id);
    if (job === null) return EXIT_CODES.interrupted;
    session.printJson(job);
    if (!session.isJson) await printJob(session, client, job);
    return exitCodeOf(job);
  },
};

/** A file of this machine that is ready to be sent. */
interface LocalFile {
  path: string;
  name: string;
  format: NonNullable<EnqueueDto['format']>;
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

async function prepareFile(session: Session, file: string, options: FileOptions, folder: string): Promise<LocalFile> {
  const { args, messages, locale } = session;
  const isStdin = file === '-';
  const source = isStdin ? path.join(folder, 'stdin') : file;
  if (isStdin) await spoolStdin(session, source);
  const name = isStdin ? 'stdin' : path.basename(file);
  const format = await formatOfFile(source, name, options.format, messages);
  if (args.flag('as-is') || !isTextFormat(format)) {
    return { path: source, name: isStdin ? `stdin.${format}` : name, format };
  }
  const output = path.join(folder, 'converted.parquet');
  const line = new ProgressLine(session.stderr);
  const { size } = await stat(source);
  const summary = await convertFile({ path: source, format, csv: options.csv }, output, {
    signal: session.interruption,
    onProgress({ phase, bytesRead, rowCount }) {
      // The file is read twice: first to learn its columns, then to write them.
      const fraction = (bytesRead / Math.max(1, size) + (phase === 'convert' ? 1 : 0)) / 2;
      line.update({ label: messages.converting, fraction, details: [messages.rows(formatNumber(locale, rowCount))] });
    },
  }).finally(() => line.clear());
  const bytes = [size, (await stat(output)).size].map((count) => formatBytes(locale, count)) as [string, string];
  session.say(messages.converted(printable(name), formatNumber(locale, summary.rowCount), ...bytes));
  if (summary.rowFaultCount > 0) session.say(messages.rowFaultsSeen(formatNumber(locale, summary.rowFaultCount)));
  return { path: output, name: `${path.parse(name).name}.parquet`, format: 'parquet' };
}

async function spoolStdin(session: Session, target: string): Promise<void> {
  const line = new ProgressLine(session.stderr);
  let taken = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      taken += chunk.length;
      const details = [formatBytes(session.locale, taken)];
      line.update({ label: session.messages.readingStdin, fraction: null, details });
      done(null, chunk);
    },
  });
  try {
    await pipeline(session.stdin, count, createWriteStream(target), { signal: session.interruption });
  } catch (error) {
    session.interruption.throwIfAborted();
    throw error;
  } finally {
    line.clear();
  }
}

async function upload(session: Session, client: ApiClient, figura: string, file: LocalFile) {
  const { locale, messages } = session;
  const line = new ProgressLine(session.stderr);
  const startedAt = performance.now();
  const source = await openAsBlob(file.path);
  return uploadFile(client, {
    figura,
    source,
    fileName: file.name,
    signal: session.interruption,
    onProgress(sent, total) {
      const elapsedMs = performance.now() - startedAt;
      const details = [messages.ofTotal(formatBytes(locale, sent), formatBytes(locale, total))];
      if (elapsedMs > RATE_AFTER_MS && sent > 0 && sent < total) {
        const leftMs = (elapsedMs / sent) * (total - sent);
        details.push(messages.perSecond(formatBytes(locale, sent / (elapsedMs / 1000))));
        details.push(messages.timeLeft(formatDuration(locale, Math.ceil(leftMs / 1000) * 1000)));
      }
      line.update({ label: messages.uploading, fraction: total === 0 ? 1 : sent / total, details });
    },
  }).finally(() => line.clear());
}
