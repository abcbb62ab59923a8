import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../log.ts';
import { openClient } from './pool.ts';

const CHANNEL = 'carga_jobs';
const RECONNECT_MS = 1000;

/** What a job's change tells: enough to know whether to read it again. */
export interface JobNotification {
  id: string;
  revision: number;
  status: string;
}

type Listener = () => void;

/**
 * Tells who waits for a job that it changed: one LISTEN session per process, however many wait. After a lost session
 * everybody is told once, since changes may have been missed.
 */
export class JobNotifications {
  readonly #connectionString: string;
  readonly #logger: Logger;
  readonly #listeners = new Map<string, Set<Listener>>();
  #client: pg.Client | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(connectionString: string, logger: Logger) {
    this.#connectionString = connectionString;
    this.#logger = logger;
  }

  /** Calls `listener` at each change of the job until the returned function is called. */
  subscribe(jobId: string, listener: Listener): () => void {
    this.#running ??= this.#run();
    const listeners = this.#listeners.get(jobId) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(jobId, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(jobId) === listeners) this.#listeners.delete(jobId);
    };
  }

  /** Number of jobs somebody waits for. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Ends the session and wakes everybody a last time. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeAll();
    await this.#client?.end().catch(() => {});
  }

  #wakeAll(): void {
    for (const listeners of this.#listeners.values()) for (const listener of [...listeners]) listener();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        const client = await openClient({
          connectionString: this.#connectionString,
          applicationName: 'carga-web-listen',
        });
        this.#client = client;
        const ended = new Promise<void>((resolve) => {
          client.once('end', resolve);
          client.once('error', () => resolve());
        });
        client.on('notification', ({ payload }) => {
          const { id } = JSON.parse(payload ?? '{}') as JobNotification;
          for (const listener of [...(this.#listeners.get(id) ?? [])]) listener();
        });
        await client.query(`listen ${CHANNEL}`);
        this.#wakeAll();
        await ended;
      } catch (error) {
        this.#logger.warn('listening for job changes failed', { error });
      }
      if (!this.#closed) await sleep(RECONNECT_MS);
    }
  }
}
