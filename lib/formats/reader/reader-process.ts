import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { FormatFault } from '../format-fault.ts';
import { type FileFormat, messageLine, type ReaderMessage, type ReaderRequest } from './protocol.ts';

/** Where a reader runs and what it may use. */
export interface ReaderOptions {
  signal?: AbortSignal;
  /** Resident memory at which the reader is killed. */
  memoryLimitBytes?: number;
  /** A folder of the caller's: pipes are made in it and removed again, a file that is written anew stays for the next. */
  tempDirectory: string;
  maxRows?: number;
  /** Bytes of COPY text that may leave the reader. */
  maxOutputBytes?: number;
  /** Folder with package.json. The modules may be bundled, so it is not found from their own address. */
  projectRoot?: string;
  /** Takes the requests it can, instead of a process for each. */
  ahead?: ReaderAhead;
}

/** A reader that was started before its first request: it is ready once the file is. */
export interface ReaderAhead {
  /** The process, for a request that is its last or is not; undefined when it has had its last one. */
  take(isLast: boolean): RunningReader | undefined;
  /** Ends it, unless a request that was its last still has to; one that was not fails with `reason`. */
  end(reason?: unknown): void;
}

// Real files of a million rows take 150–250 MB; a 1.3 KB dictionary bomb took 2.3 GB before it was watched.
const DEFAULT_MEMORY_LIMIT_BYTES = 1.5 * 2 ** 30;

// What V8 makes new is short-lived: in 8 MB instead of 16 it is looked through before it piles up. Half a million rows
// read again took 258 MB instead of 377, and 13.2 s of CPU instead of 12.5; in 4 MB as much memory, and 15.8 s.
const YOUNG_SPACE = '--max-semi-space-size=8';

// Fast memory fills at about 1 GB/s: at this interval the limit is passed by some 50 MB at worst.
const WATCH_INTERVAL_MS = 50;

/** A reader that works this long without a byte of output is in a loop that damaged data sent it into. */
const MAX_SILENT_CPU_SECONDS = 120;

/** Signals of a process that fell over its input, as opposed to one that was stopped. */
const CRASH_SIGNALS = new Set(['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

const READER_ENTRY = path.join('lib', 'formats', 'reader', 'main.ts');

/** Halves the start of a reader, 0.22 to 0.12 s of CPU: types are stripped once. Where it cannot be written, never. */
const COMPILE_CACHE = path.join('node_modules', '.cache', 'carga-reader');

/** A running reader. */
export interface ReaderProcess {
  /** The answer; rejects with a {@link FormatFault}, or with the reason it was stopped. */
  result: Promise<unknown>;
  /** Settles when the process is gone, after `result` is decided; never rejects. */
  closed: Promise<void>;
  /** Ends the process at once; `result` rejects with the reason. */
  stop(reason: unknown): void;
  /** Tells the watch that the reader is getting on. */
  noteProgress(): void;
}

/** The memory a reader may take. */
export function memoryLimit(options: ReaderOptions): number {
  return options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES;
}

/** A child that waits for a request. */
interface RunningReader {
  child: ChildProcess;
  watch: ReturnType<typeof watchProcess>;
  lines: AsyncIterator<string>;
  /** Why it was stopped; null when nobody did. */
  stopped(): { reason: unknown } | null;
  stop(reason: unknown): void;
  closed: Promise<void>;
}

/** @param format what the child loads at once; without it, what the first request needs */
function spawnReader(options: ReaderOptions, format?: FileFormat): RunningReader {
  const limit = memoryLimit(options);
  const root = options.projectRoot ?? process.cwd();
  // A stranger's file is read without the caller's secrets at hand.
  const env: NodeJS.ProcessEnv = {
    TZ: 'UTC',
    NODE_ENV: 'production',
    TMPDIR: path.resolve(options.tempDirectory),
    NODE_COMPILE_CACHE: path.join(root, COMPILE_CACHE),
  };
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${Math.ceil(limit / 2 ** 20)}`,
      YOUNG_SPACE,
      path.join(root, READER_ENTRY),
      ...(format === undefined ? [] : [format]),
    ],
    { cwd: root, env, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true },
  );
  let stopped: { reason: unknown } | null = null;
  const stop = (reason: unknown) => {
    stopped ??= { reason };
    child.kill('SIGKILL');
  };
  const watch = watchProcess(child, limit, stop);
  const onAbort = () => stop(options.signal?.reason);
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });

  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    watch.end();
    options.signal?.removeEventListener('abort', onAbort);
  });
  // The pipe stays open: its end tells the child that nobody waits any more.
  child.stdin?.on('error', () => {});
  const input = child.stdout;
  const lines = input === null ? noLines() : createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  return { child, watch, lines: lines[Symbol.asyncIterator](), stopped: () => stopped, stop, closed };
}

async function* noLines(): AsyncGenerator<string> {}

/**
 * Starts a reader for a file that is still on its way. It describes the file and reads its rows once: half a second less
 * than a process for each that begins when its turn has come.
 */
export function startReaderAhead(format: FileFormat, options: ReaderOptions): ReaderAhead {
  let reader: RunningReader | undefined = spawnReader(options, format);
  return {
    take(isLast) {
      const taken = reader;
      if (isLast) reader = undefined;
      return taken;
    },
    end(reason = new Error('The reader was no longer needed.')) {
      reader?.stop(reason);
      reader = undefined;
    },
  };
}

/** Has a child answer a request: the one that was started ahead, where it still can, or one of its own. */
export function startReader(request: ReaderRequest, options: ReaderOptions): ReaderProcess {
  const mayBeLast = request.kind !== 'describe' && request.kind !== 'head';
  const ahead = options.ahead?.take(mayBeLast);
  const reader = ahead ?? spawnReader(options);
  const isLast = mayBeLast || ahead === undefined;
  const { child, watch, closed, stop } = reader;
  watch.noteProgress();
  const result = readAnswer(reader, isLast).then(
    (answer) => {
      const stopped = reader.stopped();
      if (stopped !== null) throw stopped.reason;
      return answer;
    },
    (error) => {
      throw reader.stopped()?.reason ?? error;
    },
  );
  result.catch(() => stop(new Error('The reader was no longer needed.')));
  child.stdin?.write(messageLine({ ...request, isLast }));
  return { result, closed, stop, noteProgress: watch.noteProgress };
}

/** The answer to the last request counts only once the child has ended well. */
async function readAnswer({ child, lines, closed }: RunningReader, isLast: boolean): Promise<unknown> {
  const first = await lines.next();
  const answer = first.done ? null : parseMessage(first.value);
  if (isLast || answer === null) {
    while (!(await lines.next()).done);
    await closed;
  }
  if (answer?.kind === 'fault') throw new FormatFault(answer.code, answer.detail, answer.place);
  if (answer?.kind === 'result' && (!isLast || child.exitCode === 0)) return answer.result;
  throw crashFault(child);
}

/** A line that is not ours was cut off by a crash, whose exit code tells more. */
function parseMessage(line: string): ReaderMessage | null {
  try {
    return JSON.parse(line) as ReaderMessage;
  } catch {
    return null;
  }
}

function crashFault(child: ChildProcess): Error {
  if (child.pid === undefined) return new FormatFault('reader_failed', 'The reader process could not be started.');
  // V8 aborts when its heap is full, and so do native allocators.
  if (child.signalCode !== null && CRASH_SIGNALS.has(child.signalCode)) {
    return new FormatFault('corrupt_file', `The contents of the file brought the reader down (${child.signalCode}).`);
  }
  if (child.signalCode !== null) {
    return new FormatFault('reader_failed', `The reader was ended from outside (${child.signalCode}).`);
  }
  return new FormatFault('reader_failed', `The reader ended without an answer (exit code ${child.exitCode}).`);
}

function watchProcess(child: ChildProcess, limit: number, stop: (reason: unknown) => void) {
  let silentSince = 0;
  let cpuNow = 0;
  const timer = setInterval(() => {
    const usage = readUsage(child.pid);
    if (usage === null) return;
    cpuNow = usage.cpuSeconds;
    if (usage.memoryBytes > limit) {
      stop(
        new FormatFault(
          'memory_limit',
          `Reading the file takes more than ${Math.round(limit / 2 ** 20)} MiB of memory.`,
        ),
      );
    } else if (cpuNow - silentSince > MAX_SILENT_CPU_SECONDS) {
      stop(new FormatFault('file_too_complex', `Reading the file came to nothing in ${MAX_SILENT_CPU_SECONDS} s.`));
    }
  }, WATCH_INTERVAL_MS);
  timer.unref();
  return {
    end: () => clearInterval(timer),
    noteProgress: () => {
      silentSince = cpuNow;
    },
  };
}

/** Linux says what a process uses for the price of two small reads; elsewhere the limits inside the child must do. */
function readUsage(pid: number | undefined): { memoryBytes: number; cpuSeconds: number } | null {
  if (process.platform !== 'linux' || pid === undefined) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold spaces; utime and stime are fields 14 and 15, in ticks of 10 ms.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const residentKib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return {
      memoryBytes: Number(residentKib ?? 0) * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    };
  } catch {
    return null;
  }
}
