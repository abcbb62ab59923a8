import { once } from 'node:events';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { CopyStreamQuery } from 'pg-copy-streams';

const LINE_FEED = 10;

/**
 * Spreads COPY text over the COPYs of two sessions, whole rows to whichever has room: PostgreSQL takes text from one
 * session with one core, and a reader brings rows twice as fast. Ends when both have; fails, and ends both, when one does.
 *
 * @param openSecond starts the second COPY, or says by null that there is none to be had; called once `secondFrom` bytes
 * have gone to the first
 */
export class CopyLanes extends Writable {
  readonly #lanes: CopyStreamQuery[] = [];
  readonly #openSecond: () => Promise<CopyStreamQuery | null>;
  #bytesUntilSecond: number;
  #opening: Promise<void> | null = null;
  #current: CopyStreamQuery;

  constructor(first: CopyStreamQuery, secondFrom: number, openSecond: () => Promise<CopyStreamQuery | null>) {
    super();
    this.#bytesUntilSecond = secondFrom;
    this.#openSecond = openSecond;
    this.#current = first;
    this.#add(first);
  }

  /** Rows that PostgreSQL took; known once the stream has finished. */
  get rowCount(): number {
    return this.#lanes.reduce((sum, { rowCount }) => sum + rowCount, 0);
  }

  #add(lane: CopyStreamQuery): void {
    this.#lanes.push(lane);
    lane.on('error', (error) => {
      // At once: what it still holds would be written to a COPY that is over.
      lane.destroy(error);
      this.destroy(error);
    });
  }

  /** Never rejects: without it all of this fails. */
  async #addSecond(): Promise<void> {
    try {
      const lane = await this.#openSecond();
      if (lane !== null) this.#add(lane);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _write(text: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#place(text).then(() => done(), done);
  }

  async #place(text: Buffer): Promise<void> {
    this.#bytesUntilSecond -= text.length;
    if (this.#bytesUntilSecond < 0) this.#opening ??= this.#addSecond();
    // Only between two rows another session may take over.
    const end = text.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      this.#current.write(text.subarray(0, end));
      this.#current = await this.#laneWithRoom();
    }
    if (end === text.length || this.#current.write(text.subarray(end))) return;
    await once(this.#current, 'drain');
  }

  async #laneWithRoom(): Promise<CopyStreamQuery> {
    // In turn, so that both have their share before either has to wait.
    const others = this.#lanes.filter((lane) => lane !== this.#current);
    const ready = [...others, this.#current].find((lane) => !lane.writableNeedDrain);
    if (ready !== undefined) return ready;
    const waiting = new AbortController();
    const { signal } = waiting;
    try {
      return await Promise.race(this.#lanes.map((lane) => once(lane, 'drain', { signal }).then(() => lane)));
    } finally {
      waiting.abort();
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    const endAll = async () => {
      await this.#opening;
      await Promise.all(this.#lanes.map((lane) => finished(lane.end())));
    };
    endAll().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const destroyAll = async () => {
      await this.#opening;
      for (const lane of this.#lanes) lane.destroy(error ?? undefined);
    };
    destroyAll().then(() => done(error), done);
  }
}
