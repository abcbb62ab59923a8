import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { syncDirectory, writeFileSynced } from './durable-files.ts';
import type { StorageDirectory } from './storage-directory.ts';

/** A stretch of an object's bytes: one whole file in `data/`. */
export interface DataSegment {
  id: string;
  size: number;
}

// Four times node's default: fewer trips to the thread pool per GiB, and still nothing for the memory.
const READ_CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of all objects, in files that never change once they have their name. Objects, parts and reads under
 * way each count as an owner, and a file is removed with its last one; so an overwritten object is served to its
 * end, a copy costs nothing, and completing a multipart upload moves no byte.
 */
export class DataFiles {
  readonly #storage: StorageDirectory;
  readonly #owners = new Map<string, number>();

  constructor(storage: StorageDirectory) {
    this.#storage = storage;
  }

  /** Writes a body to the disk, whole and synced, and owns it once; a body that throws leaves nothing. */
  async write(body: AsyncIterable<Uint8Array>): Promise<string> {
    const id = randomUUID();
    const temporaryPath = this.#storage.temporaryPath();
    await writeFileSynced(temporaryPath, body);
    await rename(temporaryPath, this.#path(id));
    this.#owners.set(id, 1);
    try {
      await syncDirectory(this.#storage.data);
    } catch (error) {
      await this.release([{ id }]);
      throw error;
    }
    return id;
  }

  /** Adds an owner to each segment. */
  retain(segments: readonly Pick<DataSegment, 'id'>[]): void {
    for (const { id } of segments) this.#owners.set(id, (this.#owners.get(id) ?? 0) + 1);
  }

  /** Takes an owner from each segment and removes the files that have none left. */
  async release(segments: readonly Pick<DataSegment, 'id'>[]): Promise<void> {
    for (const { id } of segments) {
      const owners = (this.#owners.get(id) ?? 1) - 1;
      if (owners > 0) {
        this.#owners.set(id, owners);
        continue;
      }
      this.#owners.delete(id);
      // A file that cannot be removed now has no owner at the next start either, and goes then.
      await rm(this.#path(id), { force: true }).catch(() => undefined);
    }
  }

  /** Streams the bytes from `start` to just before `end` of segments laid end to end, and owns them meanwhile. */
  read(segments: readonly DataSegment[], start: number, end: number): Readable {
    this.retain(segments);
    const stream = Readable.from(this.#chunks(segments, start, end), { objectMode: false });
    // On 'close' and not in the generator: a generator that was never asked for a byte runs no `finally`.
    stream.once('close', () => void this.release(segments));
    return stream;
  }

  /** Removes every file that nothing owns: bytes whose commit never happened. For the start only. */
  async removeUnowned(): Promise<void> {
    for (const id of await readdir(this.#storage.data)) {
      if (!this.#owners.has(id)) await rm(this.#path(id), { force: true });
    }
  }

  async *#chunks(segments: readonly DataSegment[], start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { id, size } of segments) {
      const first = Math.max(start - offset, 0);
      const last = Math.min(end - offset, size) - 1;
      offset += size;
      if (first > last) continue;
      let missing = last - first + 1;
      const options = { start: first, end: last, highWaterMark: READ_CHUNK_BYTES };
      for await (const chunk of createReadStream(this.#path(id), options) as AsyncIterable<Buffer>) {
        missing -= chunk.length;
        yield chunk;
      }
      if (missing > 0) throw new Error(`the data file ${id} is shorter than it was written`);
    }
  }

  #path(id: string): string {
    return join(this.#storage.data, id);
  }
}
