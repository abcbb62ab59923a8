import type { Queryable } from '../db/pool.ts';
import type { JobPhase } from '../job/job-states.ts';

// Denser points than a person can tell apart in a plot would only cost writes, and a load of half a second has none.
const SAMPLE_INTERVAL_MS = 1000;
// Later samples lie a fiftieth of the time spent apart: an hour makes some 250 of them, a day some 400.
const SAMPLE_SHARE = 0.02;

/** Keeps how far an attempt was when, ever more seldom. */
export class ProgressSamples {
  readonly #db: Queryable;
  readonly #job: { id: string; attempt: number };
  readonly #started = performance.now();
  #keptMs = 0;
  #keptPhase: JobPhase = 'reading';

  constructor(db: Queryable, job: { id: string; attempt: number }) {
    this.#db = db;
    this.#job = job;
  }

  /** Keeps a sample if it is time for one, or if the phase is another one than in the last. */
  async keep(phase: JobPhase, rowsRead: number): Promise<void> {
    const elapsedMs = Math.round(performance.now() - this.#started);
    const isDue = elapsedMs - this.#keptMs >= Math.max(SAMPLE_INTERVAL_MS, elapsedMs * SAMPLE_SHARE);
    const isNewPhase = phase !== this.#keptPhase && elapsedMs >= SAMPLE_INTERVAL_MS;
    if (!isDue && !isNewPhase) return;
    this.#keptMs = elapsedMs;
    this.#keptPhase = phase;
    await this.#db.query(
      `insert into carga.job_samples (job_id, attempt, elapsed_ms, phase, rows_read) values ($1, $2, $3, $4, $5)
       on conflict do nothing`,
      [this.#job.id, this.#job.attempt, elapsedMs, phase, rowsRead],
    );
  }
}
