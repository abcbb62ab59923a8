import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkWriteConditions, type WriteConditions } from './conditions.ts';
import type { DataFiles } from './data-files.ts';
import { PRIVATE_DIRECTORY_MODE, syncDirectory, writeFileSynced } from './durable-files.ts';
import { KeyedLock } from './keyed-lock.ts';
import { type ListEntry, type ListRequest, ObjectIndex } from './object-index.ts';
import { S3Error } from './s3-error.ts';
import type { StorageDirectory } from './storage-directory.ts';
import type { StoredObject } from './stored-object.ts';

interface Bucket {
  createdMs: number;
  index: ObjectIndex;
}

// Enough to hide the disk's latency at the start, and far from the limit of open files.
const LOAD_CONCURRENCY = 64;

/** Buckets and their objects: an index in memory over one small file per object. */
export class ObjectStore {
  readonly #storage: StorageDirectory;
  readonly #data: DataFiles;
  readonly #buckets = new Map<string, Bucket>();
  readonly #locks = new KeyedLock();
  #unreadable = 0;

  private constructor(storage: StorageDirectory, data: DataFiles) {
    this.#storage = storage;
    this.#data = data;
  }

  /** Reads every object's small file into the index and makes their data files owned. */
  static async open(storage: StorageDirectory, data: DataFiles): Promise<ObjectStore> {
    const store = new ObjectStore(storage, data);
    for (const name of await readdir(storage.buckets)) await store.#loadBucket(name);
    return store;
  }

  /** How many small files could not be understood; their data must then not be taken for unowned. */
  get unreadableCount(): number {
    return this.#unreadable;
  }

  bucketNames(): { name: string; createdMs: number }[] {
    return [...this.#buckets]
      .map(([name, { createdMs }]) => ({ name, createdMs }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** Makes a bucket; one that exists already is left as it is. */
  async createBucket(name: string): Promise<void> {
    checkBucketName(name);
    await this.#locks.run(name, async () => {
      if (this.#buckets.has(name)) return;
      await mkdir(this.#bucketPath(name), { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
      await syncDirectory(this.#storage.buckets);
      this.#buckets.set(name, { createdMs: Date.now(), index: new ObjectIndex() });
    });
  }

  find(bucket: string, key: string): StoredObject | undefined {
    return this.#bucket(bucket).index.get(key);
  }

  /** Like `find`, with a missing object as `NoSuchKey`. */
  get(bucket: string, key: string): StoredObject {
    const object = this.find(bucket, key);
    if (object === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    return object;
  }

  list(bucket: string, request: ListRequest): { entries: ListEntry[]; isTruncated: boolean } {
    return this.#bucket(bucket).index.list(request);
  }

  /**
   * Commits an object whose data is on the disk already, and takes over the caller's ownership of its segments; if
   * it throws, the caller still owns them. Conditions are judged here, under the key's lock, so that of two
   * writers who both want to be first only one is.
   */
  async put(bucket: string, object: StoredObject, conditions: WriteConditions = {}): Promise<void> {
    const { index } = this.#bucket(bucket);
    await this.#locks.run(`${bucket}/${object.key}`, async () => {
      const replaced = index.get(object.key);
      checkWriteConditions(conditions, replaced);
      const path = this.#objectPath(bucket, object.key);
      const temporaryPath = this.#storage.temporaryPath();
      await writeFileSynced(temporaryPath, JSON.stringify(object));
      await rename(temporaryPath, path);
      // From here on the disk has the new object, so the index has it too, whatever the sync says.
      this.#data.retain(object.segments);
      index.set(object);
      await syncDirectory(this.#bucketPath(bucket));
      // Only now: before the sync a power cut could have brought the old object back, without its data.
      if (replaced !== undefined) await this.#data.release(replaced.segments);
      await this.#data.release(object.segments);
    });
  }

  /** Removes an object; one that is not there is no error, as in S3, unless a condition asks for it. */
  async delete(bucket: string, key: string, conditions: WriteConditions = {}): Promise<void> {
    const { index } = this.#bucket(bucket);
    await this.#locks.run(`${bucket}/${key}`, async () => {
      const object = index.get(key);
      checkWriteConditions(conditions, object);
      if (object === undefined) return;
      await rm(this.#objectPath(bucket, key), { force: true });
      index.delete(key);
      await syncDirectory(this.#bucketPath(bucket));
      await this.#data.release(object.segments);
    });
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist.');
    return bucket;
  }

  #bucketPath(bucket: string): string {
    return join(this.#storage.buckets, bucket);
  }

  // A key is never a path: `../x`, 1024 bytes, and two keys that a file system would hold for one all hash apart.
  #objectPath(bucket: string, key: string): string {
    return join(this.#bucketPath(bucket), `${createHash('sha256').update(key).digest('hex')}.json`);
  }

  async #loadBucket(name: string): Promise<void> {
    const path = this.#bucketPath(name);
    const files = (await readdir(path)).filter((file) => file.endsWith('.json'));
    const objects: StoredObject[] = [];
    for (let i = 0; i < files.length; i += LOAD_CONCURRENCY) {
      const batch = files.slice(i, i + LOAD_CONCURRENCY);
      for (const object of await Promise.all(batch.map((file) => this.#loadObject(name, join(path, file))))) {
        if (object !== undefined) objects.push(object);
      }
    }
    for (const object of objects) this.#data.retain(object.segments);
    this.#buckets.set(name, { createdMs: (await stat(path)).birthtimeMs, index: new ObjectIndex(objects) });
  }

  async #loadObject(bucket: string, path: string): Promise<StoredObject | undefined> {
    try {
      const object = JSON.parse(await readFile(path, 'utf8')) as StoredObject;
      if (this.#objectPath(bucket, object.key) === path && Array.isArray(object.segments)) return object;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    // Not ours to delete: somebody may still repair it. It is not listed, and no data is swept in this run.
    console.error(`embedded S3: the file ${basename(path)} of bucket ${bucket} is damaged and left out`);
    this.#unreadable++;
    return undefined;
  }
}

/** Refuses a name that S3 would refuse; what passes is also harmless as the name of a folder. */
export function checkBucketName(name: string): void {
  const isWellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name);
  if (!isWellFormed || /^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.');
  }
}
