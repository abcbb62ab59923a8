import { existsSync, readFileSync, writeFileSync } from 'node:fs';

// Linux counts CPU time in these, on every machine we know of.
const TICKS_PER_SECOND = 100;
// Short against the second a reader lives at least; two small reads per process.
const SAMPLE_INTERVAL_MS = 50;

interface ProcessUsage {
  cpuSeconds: number;
  /** Of children that have ended and were waited for. */
  endedChildrenCpuSeconds: number;
  residentBytes: number;
  peakBytes: number;
}

const isLinux = process.platform === 'linux' && existsSync('/proc/self/stat');

function readUsage(pid: number): ProcessUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const ticks = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_SECOND;
    return {
      cpuSeconds: ticks(11),
      endedChildrenCpuSeconds: ticks(13),
      residentBytes: kib('VmRSS') * 1024,
      peakBytes: kib('VmHWM') * 1024,
    };
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** CPU seconds of a process and everything it started, ended or not. */
export function treeCpu(pid: number): number {
  let own = readUsage(pid);
  while (own !== null) {
    const living = childrenOf(pid).reduce((sum, child) => sum + treeCpu(child), 0);
    const { cpuSeconds, endedChildrenCpuSeconds }: ProcessUsage = own;
    own = readUsage(pid);
    // A child that ended meanwhile was in neither count.
    if (own?.endedChildrenCpuSeconds === endedChildrenCpuSeconds) return cpuSeconds + endedChildrenCpuSeconds + living;
  }
  return 0;
}

/** What a run took. CPU in seconds, memory in bytes; null where the system does not tell. */
export interface RunUsage {
  workerCpu: number | null;
  readerCpu: number | null;
  postgresCpu: number | null;
  clientCpu: number | null;
  workerPeakBytes: number | null;
  readerPeakBytes: number | null;
  /** Worker and readers at the same moment. */
  bothPeakBytes: number | null;
}

/** Watches the processes that take part in a run. */
export class UsageWatch {
  readonly #worker: number;
  readonly #postgres: number;
  readonly #atStart: { worker: ProcessUsage | null; self: ProcessUsage | null; postgres: number };
  readonly #timer: NodeJS.Timeout;
  #readerPeak = 0;
  #bothPeak = 0;

  constructor(pids: { worker: number; postgres: number }) {
    this.#worker = pids.worker;
    this.#postgres = pids.postgres;
    try {
      // Begins the peak anew: a worker keeps what an earlier job made it take, which is not this run's.
      writeFileSync(`/proc/${pids.worker}/clear_refs`, '5');
    } catch {
      // Then the peak is that of the worker's whole life.
    }
    this.#atStart = { worker: readUsage(pids.worker), self: readUsage(process.pid), postgres: treeCpu(pids.postgres) };
    this.#timer = setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS);
  }

  #sample(): void {
    const readers = childrenOf(this.#worker).map(readUsage);
    const resident = readers.reduce((sum, reader) => sum + (reader?.residentBytes ?? 0), 0);
    for (const reader of readers) this.#readerPeak = Math.max(this.#readerPeak, reader?.peakBytes ?? 0);
    this.#bothPeak = Math.max(this.#bothPeak, resident + (readUsage(this.#worker)?.residentBytes ?? 0));
  }

  /** Ends the watch. `clientCpu` counts programs the bench itself started. */
  end(): RunUsage {
    clearInterval(this.#timer);
    this.#sample();
    const { worker, self, postgres } = this.#atStart;
    const workerNow = readUsage(this.#worker);
    const selfNow = readUsage(process.pid);
    if (!isLinux || !worker || !workerNow || !self || !selfNow) {
      return {
        workerCpu: null,
        readerCpu: null,
        postgresCpu: null,
        clientCpu: null,
        workerPeakBytes: null,
        readerPeakBytes: null,
        bothPeakBytes: null,
      };
    }
    return {
      workerCpu: workerNow.cpuSeconds - worker.cpuSeconds,
      readerCpu: workerNow.endedChildrenCpuSeconds - worker.endedChildrenCpuSeconds,
      postgresCpu: treeCpu(this.#postgres) - postgres,
      clientCpu: selfNow.endedChildrenCpuSeconds - self.endedChildrenCpuSeconds,
      workerPeakBytes: workerNow.peakBytes,
      readerPeakBytes: this.#readerPeak,
      bothPeakBytes: this.#bothPeak,
    };
  }
}
