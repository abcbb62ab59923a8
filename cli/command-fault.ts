import { ApiError, ConnectionError, UploadError } from '#lib/api-client/api-error.ts';
import { FormatFault } from '#lib/formats/format-fault.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Messages } from './messages/message-types.ts';
import { printable } from './printable.ts';

/** Something the command cannot do, in words for its user. */
export class CommandFault extends Error {
  override name = 'CommandFault';
  readonly code: string;
  readonly exitCode: number;

  constructor(code: string, message: string, exitCode: number = EXIT_CODES.failed) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command was called wrongly; the message is followed by where help is. */
export class UsageFault extends CommandFault {
  override name = 'UsageFault';

  constructor(message: string) {
    super('usage', message, EXIT_CODES.usage);
  }
}

/** What ends a wait when the user presses Ctrl-C or the process is told to stop. */
export class Interruption extends Error {
  override name = 'Interruption';
}

/** A path that was mistyped, as opposed to a disk that is full. */
const WRONG_PATH = new Set(['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR']);

/** What went wrong, told to people (`lines`), to programs (`json`) and to the shell (`exitCode`). */
export interface FaultReport {
  lines: string[];
  json: Record<string, unknown>;
  exitCode: number;
}

/** Puts any fault into words. Unknown ones are faults of the command itself and keep their stack. */
export function reportFault(error: unknown, messages: Messages): FaultReport {
  if (error instanceof CommandFault) {
    return { lines: [error.message], json: { code: error.code, detail: error.message }, exitCode: error.exitCode };
  }
  if (error instanceof Interruption) {
    const detail = messages.interrupted;
    return { lines: [detail], json: { code: 'interrupted', detail }, exitCode: EXIT_CODES.interrupted };
  }
  if (error instanceof ApiError) return reportApiError(error, messages);
  if (error instanceof ConnectionError) {
    const detail = messages.noConnection(error.origin, reasonOf(error));
    return { lines: [detail], json: { code: error.code, detail }, exitCode: EXIT_CODES.unavailable };
  }
  if (error instanceof UploadError) {
    const detail = messages.uploadRefused(printable(error.message), printable(error.code));
    return { lines: [detail], json: { code: error.code, detail }, exitCode: EXIT_CODES.failed };
  }
  if (error instanceof FormatFault) {
    const detail = messages.formatFault(error);
    const { code, line, column, row } = error;
    return { lines: [printable(detail)], json: { code, detail, line, column, row }, exitCode: EXIT_CODES.failed };
  }
  if (isSystemError(error)) {
    const detail = messages.systemFault(error.code, error.path ?? '');
    const exitCode = WRONG_PATH.has(error.code) ? EXIT_CODES.usage : EXIT_CODES.failed;
    return { lines: [detail], json: { code: error.code, detail }, exitCode };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { lines: [detail], json: { code: 'internal', detail }, exitCode: EXIT_CODES.failed };
}

function reportApiError(error: ApiError, messages: Messages): FaultReport {
  const { code, detail, status, requestId, errors, retryAfter } = error;
  const isCredentials = status === 401 || (status === 403 && code === 'forbidden');
  const isUnavailable = isCredentials || status >= 500 || status === 429 || code === 'unexpected_answer';
  const lines = [code === 'unexpected_answer' ? messages.notCarga(status) : printable(detail)];
  for (const fault of errors) lines.push(`  ${printable(fault.pointer)}: ${printable(fault.detail)}`);
  if (status === 401) lines.push(messages.keyHint);
  if (requestId !== null) lines.push(messages.requestId(printable(code), printable(requestId)));
  return {
    lines,
    json: { code, detail, status, requestId, errors, retryAfter },
    exitCode: isUnavailable ? EXIT_CODES.unavailable : EXIT_CODES.failed,
  };
}

function reasonOf(error: ConnectionError): string {
  const [, reason = error.message] = error.message.split(' does not answer: ');
  return reason;
}

/** Faults of files and pipes, which carry the path they are about; anything else is a mistake in this program. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
