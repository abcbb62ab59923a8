import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChecksumAlgorithm, Checksums, ChecksumType } from './checksums.ts';
import type { DataFiles, DataSegment } from './data-files.ts';
import { PRIVATE_DIRECTORY_MODE, replaceFile, syncDirectory, writeFileSynced } from './durable-files.ts';
import { KeyedLock } from './keyed-lock.ts';
import { S3Error } from './s3-error.ts';
import type { StorageDirectory } from './storage-directory.ts';

/** What the client said when it began a multipart upload. */
export interface UploadDescription {
  bucket: string;
  key: string;
  headers: Record<string, string>;
  checksum?: { algorithm: ChecksumAlgorithm; type: ChecksumType };
  initiatedMs: number;
}

export interface UploadedPart {
  partNumber: number;
  segment: DataSegment;
  /** Hexadecimal MD5, the part's ETag. */
  md5: string;
  checksums: Checksums;
  modifiedMs: number;
}

export interface MultipartUpload extends UploadDescription {
  id: string;
  parts: Map<number, UploadedPart>;
}

// A day: longer than a slow line needs for 5 GiB between two parts, short enough for a forgotten one not to fill disks.
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

/** Multipart uploads under way: held in memory, each with a folder that brings it back after a restart. */
export class MultipartUploads {
  readonly #storage: StorageDirectory;
  readonly #data: DataFiles;
  readonly #uploads = new Map<string, MultipartUpload>();
  readonly #locks = new KeyedLock();

  private constructor(storage: StorageDirectory, data: DataFiles) {
    this.#storage = storage;
    this.#data = data;
  }

  /** Reads the uploads that were under way when the server last stopped and makes their data owned. */
  static async open(storage: StorageDirectory, data: DataFiles): Promise<MultipartUploads> {
    const uploads = new MultipartUploads(storage, data);
    for (const id of await readdir(storage.uploads)) await uploads.#load(id);
    return uploads;
  }

  async create(description: UploadDescription): Promise<MultipartUpload> {
    const id = randomUUID();
    // Built aside and renamed, so that a folder in uploads/ always has its description.
    const temporaryPath = this.#storage.temporaryPath();
    await mkdir(temporaryPath, { mode: PRIVATE_DIRECTORY_MODE });
    await writeFileSynced(join(temporaryPath, 'upload.json'), JSON.stringify(description));
    await syncDirectory(temporaryPath);
    await rename(temporaryPath, this.#path(id));
    await syncDirectory(this.#storage.uploads);
    const upload = { ...description, id, parts: new Map() };
    this.#uploads.set(id, upload);
    return upload;
  }

  find(id: string, bucket: string, key: string): MultipartUpload | undefined {
    const upload = this.#uploads.get(id);
    return upload?.bucket === bucket && upload.key === key ? upload : undefined;
  }

  /** Like `find`, with an unknown upload, or one of another key, as `NoSuchUpload`. */
  get(id: string, bucket: string, key: string): MultipartUpload {
    const upload = this.find(id, bucket, key);
    if (upload === undefined) throw noSuchUpload();
    return upload;
  }

  /** The uploads under way in a bucket, in S3's order: by key, then by when they began. */
  list(bucket: string): MultipartUpload[] {
    return [...this.#uploads.values()]
      .filter((upload) => upload.bucket === bucket)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || a.initiatedMs - b.initiatedMs);
  }

  /** Adds or replaces a part and takes over the caller's ownership of its data, unless it throws. */
  async putPart(upload: MultipartUpload, part: UploadedPart, maxObjectBytes: number): Promise<void> {
    await this.#locks.run(upload.id, async () => {
      this.#checkIsOpen(upload);
      const replaced = upload.parts.get(part.partNumber);
      let total = part.segment.size - (replaced?.segment.size ?? 0);
      for (const { segment } of upload.parts.values()) total += segment.size;
      if (total > maxObjectBytes) throw new S3Error('EntityTooLarge', 'The parts are larger than an object may be.');
      const path = join(this.#path(upload.id), `${part.partNumber}.json`);
      await replaceFile(this.#storage.temporaryPath(), path, JSON.stringify(part));
      await syncDirectory(this.#path(upload.id));
      upload.parts.set(part.partNumber, part);
      if (replaced !== undefined) await this.#data.release([replaced.segment]);
    });
  }

  /** Runs the commit that makes an object of the upload; when it has succeeded the upload is gone. */
  async complete<T>(upload: MultipartUpload, commit: () => Promise<T>): Promise<T> {
    return this.#locks.run(upload.id, async () => {
      this.#checkIsOpen(upload);
      const result = await commit();
      await this.#remove(upload);
      return result;
    });
  }

  async abort(upload: MultipartUpload): Promise<void> {
    await this.#locks.run(upload.id, async () => {
      this.#checkIsOpen(upload);
      await this.#remove(upload);
    });
  }

  /** Gives up the uploads in which nothing has happened for a day. */
  async removeStale(): Promise<void> {
    const limitMs = Date.now() - STALE_AFTER_MS;
    for (const upload of [...this.#uploads.values()]) {
      const lastActiveMs = Math.max(upload.initiatedMs, ...[...upload.parts.values()].map((part) => part.modifiedMs));
      if (lastActiveMs >= limitMs) continue;
      await this.#locks.run(upload.id, async () => {
        if (this.#uploads.get(upload.id) === upload) await this.#remove(upload);
      });
    }
  }

  #checkIsOpen(upload: MultipartUpload): void {
    if (this.#uploads.get(upload.id) !== upload) throw noSuchUpload();
  }

  async #remove(upload: MultipartUpload): Promise<void> {
    this.#uploads.delete(upload.id);
    // One rename takes it away at once; a folder that is removed file by file could be found half-gone.
    const temporaryPath = this.#storage.temporaryPath();
    await rename(this.#path(upload.id), temporaryPath);
    await syncDirectory(this.#storage.uploads);
    await rm(temporaryPath, { recursive: true, force: true });
    await this.#data.release([...upload.parts.values()].map((part) => part.segment));
  }

  async #load(id: string): Promise<void> {
    const path = this.#path(id);
    const parts = new Map<number, UploadedPart>();
    for (const file of await readdir(path)) {
      if (!/^\d+\.json$/.test(file)) continue;
      const part = JSON.parse(await readFile(join(path, file), 'utf8')) as UploadedPart;
      parts.set(part.partNumber, part);
    }
    const description = JSON.parse(await readFile(join(path, 'upload.json'), 'utf8')) as UploadDescription;
    this.#data.retain([...parts.values()].map((part) => part.segment));
    this.#uploads.set(id, { ...description, id, parts });
  }

  #path(id: string): string {
    return join(this.#storage.uploads, id);
  }
}

function noSuchUpload(): S3Error {
  return new S3Error('NoSuchUpload', 'The specified multipart upload does not exist.');
}
