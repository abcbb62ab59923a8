import type { DbPool } from '../db/pool.ts';
import type { JobPhase } from '../job/job-states.ts';
import { CancelledError, FencedError, type PhaseTimings, updateProgress } from './job-record.ts';
import { ProgressSamples } from './progress-samples.ts';

// Twice a second: a person sees it move, and a cancellation is noticed well within two seconds.
const REPORT_INTERVAL_MS = 500;

// Share of the bar each phase ends at. Reading and staging are measured by bytes and rows; validating and merging are
// single statements nobody can look into, so the bar waits at their start.
const PHASE_START: Record<JobPhase, number> = { reading: 0, staging: 10, validating: 60, merging: 70, done: 100 };
const PHASE_END: Record<JobPhase, number> = { reading: 10, staging: 60, validating: 70, merging: 100, done: 100 };

/** Where an attempt stands: told to the job's row twice a second, and the ear for "stop". */
export class AttemptProgress {
  rowsTotal: number | null = null;
  rowsRead = 0;
  rowsRejected = 0;
  rowsSkipped = 0;
  readonly timings: PhaseTimings = { readMs: 0, stageMs: 0, validateMs: 0, mergeMs: 0 };
  #phase: JobPhase = 'reading';
  #phaseStarted = performance.now();
  #share = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  readonly #pool: DbPool;
  readonly #job: { id: string; attempt: number };
  readonly #abort: AbortController;
  readonly #samples: ProgressSamples;

  /** @param abort is aborted with `CancelledError` or `FencedError` when the attempt must stop */
  constructor(pool: DbPool, job: { id: string; attempt: number }, abort: AbortController) {
    this.#pool = pool;
    this.#job = job;
    this.#abort = abort;
    this.#samples = new ProgressSamples(pool, job);
  }

  /** Begins to report. */
  start(): void {
    this.#timer = setInterval(() => void this.report(), REPORT_INTERVAL_MS);
  }

  /** Stops reporting; resolves when the last write is through. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#closePhase();
    await this.#writing;
  }

  /** Enters a phase. Throws the reason when the attempt must stop. */
  async enter(phase: JobPhase): Promise<void> {
    this.#closePhase();
    // A file may have to be staged again from its first row; the bar waits where it was.
    if (phase !== this.#phase) this.#share = 0;
    this.#phase = phase;
    await this.report();
    this.#abort.signal.throwIfAborted();
  }

  /** Says how much of a phase is done, 0 to 1, if it is the present one; it never becomes less. */
  reach(phase: JobPhase, share: number): void {
    if (phase === this.#phase) this.#share = Math.min(1, Math.max(this.#share, share));
  }

  #closePhase(): void {
    const now = performance.now();
    const spent = now - this.#phaseStarted;
    this.#phaseStarted = now;
    if (this.#phase === 'reading') this.timings.readMs += spent;
    else if (this.#phase === 'staging') this.timings.stageMs += spent;
    else if (this.#phase === 'validating') this.timings.validateMs += spent;
    else if (this.#phase === 'merging') this.timings.mergeMs += spent;
  }

  /** Writes where the attempt stands; one write at a time. */
  report(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    const start = PHASE_START[this.#phase];
    const stagingMs = this.#phase === 'staging' ? performance.now() - this.#phaseStarted : this.timings.stageMs;
    try {
      await updateProgress(this.#pool, this.#job.id, this.#job.attempt, {
        phase: this.#phase,
        rowsTotal: this.rowsTotal,
        rowsRead: this.rowsRead,
        rowsRejected: this.rowsRejected,
        rowsSkipped: this.rowsSkipped,
        percent: start + (PHASE_END[this.#phase] - start) * this.#share,
        rowsPerSecond: this.#phase === 'staging' && stagingMs > 0 ? (this.rowsRead / stagingMs) * 1000 : null,
        timings: roundTimings(this.timings),
      });
      await this.#samples.keep(this.#phase, this.rowsRead);
    } catch (error) {
      if (error instanceof CancelledError || error instanceof FencedError) this.#abort.abort(error);
      // Anything else is a database that is away: the load's own session will find out.
    }
  }
}

/** Whole milliseconds. */
export function roundTimings(timings: PhaseTimings): PhaseTimings {
  return {
    readMs: Math.round(timings.readMs),
    stageMs: Math.round(timings.stageMs),
    validateMs: Math.round(timings.validateMs),
    mergeMs: Math.round(timings.mergeMs),
  };
}
