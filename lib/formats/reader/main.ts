import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FormatFault } from '../format-fault.ts';
import { answerRequest, loadReader } from './answer-request.ts';
import { type FileFormat, messageLine, type ReaderMessage, type SentRequest } from './protocol.ts';
import { intermediatePath } from './restore-paths.ts';

// Entry of the reader process: a request on stdin, its answer on stdout, and so on until the last. See reader.ts for the
// other end.

function send(message: ReaderMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(messageLine(message), (error) => (error ? reject(error) : resolve()));
  });
}

/** The parent is gone: what it would have removed is removed, and no native thread is waited for. */
function dieWithParent(request: SentRequest | null): void {
  if (request?.kind === 'copy') rmSync(request.pipePath, { force: true });
  if (request?.kind === 'pick') {
    rmSync(request.wantedPath, { force: true });
    rmSync(request.outputPath, { force: true });
  }
  if (request?.kind === 'restore') {
    rmSync(request.outputPath, { force: true });
    rmSync(intermediatePath(request.outputPath), { force: true });
  }
  process.kill(process.pid, 'SIGKILL');
}

function faultMessage(error: unknown): ReaderMessage {
  if (error instanceof FormatFault) {
    const { code, detail, line, column, byteOffset, row } = error;
    const entries = Object.entries({ line, column, byteOffset, row }).filter(([, value]) => value !== null);
    return { kind: 'fault', code, detail, place: Object.fromEntries(entries) };
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  // Messages of Node name paths of this machine; their codes do not.
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) {
    return {
      kind: 'fault',
      code: 'file_unreadable',
      detail: `The file could not be read or written (${code}).`,
      place: {},
    };
  }
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'fault', code: 'reader_failed', detail: `The reader failed on the file (${name}).`, place: {} };
}

// What the first request will be about; should it fail to load, the request says so.
const [format] = process.argv.slice(2);
if (format !== undefined) loadReader(format as FileFormat).catch(() => {});
let request: SentRequest | null = null;
const lines = createInterface({ input: process.stdin });
lines.once('close', () => dieWithParent(request));
lines.on('line', (line) => {
  const asked = JSON.parse(line) as SentRequest;
  request = asked;
  answerRequest(asked)
    .then(
      (result) => send({ kind: 'result', result }),
      (error) => send(faultMessage(error)),
    )
    .then(
      () => {
        if (asked.isLast) process.exit(0);
      },
      () => dieWithParent(request),
    );
});
