import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EnqueueDto } from '#lib/api/schemas.ts';
import { ConnectionError, UploadError } from '#lib/api-client/api-error.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { mayPass } from '#lib/api-client/send-request.ts';
import { type UploadedFile, uploadFile } from '#lib/api-client/upload-file.ts';
import { formatBytes, formatDuration, formatNumber } from '#lib/i18n/format.ts';
import { CommandFault, Interruption } from './command-fault.ts';
import { findCutUpload, forgetUpload, rememberUpload, type SentFile } from './cut-uploads.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { FileOptions } from './file-options.ts';
import { convertFile, formatOfFile, isTextFormat } from './local-file.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './progress-line.ts';
import { type Session, serviceUrl } from './session.ts';
import { withTempFolder } from './temp-folder.ts';

/** Rates of the first moments say nothing: caches fill, connections open. */
const RATE_AFTER_MS = 500;

/** A file of this machine that is ready to be sent. */
interface LocalFile {
  path: string;
  name: string;
  format: NonNullable<EnqueueDto['format']>;
}

/** Converts a file if needed, uploads it and enqueues its job. `-` is stdin. @throws CommandFault when interrupted */
export function sendFile(
  session: Session,
  client: ApiClient,
  figura: string,
  file: string,
  options: { file: FileOptions; job: Omit<EnqueueDto, 'url'> },
) {
  return withTempFolder(async (folder) => {
    try {
      const local = await prepareFile(session, file, options.file, folder);
      const { url } = await upload(session, client, figura, local);
      const csv = Object.keys(options.file.csv).length > 0 ? options.file.csv : undefined;
      return await client.enqueueJob(figura, { ...options.job, url, format: local.format, csv });
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      throw new CommandFault('interrupted', session.messages.uploadGivenUp, EXIT_CODES.interrupted);
    }
  });
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

/** Uploads a file; one that was cut earlier goes on where it stopped, known by its bytes. */
async function upload(session: Session, client: ApiClient, figura: string, file: LocalFile): Promise<UploadedFile> {
  const { env, messages } = session;
  const source = await openAsBlob(file.path);
  const sent: SentFile = { url: serviceUrl(session), figura, sha256: await hashFile(file.path, session.interruption) };
  const resumeId = findCutUpload(env, sent);
  let keptId: string | null = null;
  const line = new ProgressLine(session.stderr);
  try {
    const uploaded = await uploadFile(client, {
      figura,
      source,
      fileName: file.name,
      // Without its SHA-256: the service would answer with the job of the same bytes, and who pushes a file again wants
      // its rows looked at again, since others may have changed the table meanwhile. Equal rows are not written.
      signal: session.interruption,
      resumeId,
      keepsParts: true,
      onBegin(id) {
        keptId = id;
        if (id !== null) rememberUpload(env, sent, id);
        if (id !== null && id === resumeId) session.say(messages.uploadResumed);
      },
      onProgress: showProgress(session, line),
      onRetry() {
        line.clear();
        session.say(messages.uploadTriedAgain);
      },
    });
    forgetUpload(env, sent);
    return uploaded;
  } catch (error) {
    line.clear();
    if (keptId === null) throw error;
    if (!isWorthResuming(error)) {
      forgetUpload(env, sent);
      await client.abortUpload(figura, keptId, { signal: AbortSignal.timeout(5000) }).catch(() => {});
      throw error;
    }
    if (error instanceof Interruption) {
      throw new CommandFault('interrupted', messages.uploadKept, EXIT_CODES.interrupted);
    }
    session.say(messages.uploadKept);
    throw error;
  } finally {
    line.clear();
  }
}

/** Whether the same bytes may get through later. */
function isWorthResuming(error: unknown): boolean {
  if (error instanceof Interruption || error instanceof ConnectionError || mayPass(error)) return true;
  return error instanceof UploadError && error.status !== null && error.status >= 500;
}

async function hashFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal }).catch((error) => {
    signal.throwIfAborted();
    throw error;
  });
  return hash.digest('hex');
}

function showProgress({ locale, messages }: Session, line: ProgressLine) {
  const startedAt = performance.now();
  // What was there already did not go over the line just now.
  let before: number | null = null;
  return (sent: number, total: number) => {
    if (sent > 0) before ??= sent;
    const elapsedMs = performance.now() - startedAt;
    const details = [messages.ofTotal(formatBytes(locale, sent), formatBytes(locale, total))];
    const sentNow = sent - (before ?? 0);
    if (elapsedMs > RATE_AFTER_MS && sentNow > 0 && sent < total) {
      const leftMs = (elapsedMs / sentNow) * (total - sent);
      details.push(messages.perSecond(formatBytes(locale, sentNow / (elapsedMs / 1000))));
      details.push(messages.timeLeft(formatDuration(locale, Math.ceil(leftMs / 1000) * 1000)));
    }
    line.update({ label: messages.uploading, fraction: total === 0 ? 1 : sent / total, details });
  };
}
