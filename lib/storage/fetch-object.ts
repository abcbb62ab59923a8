import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../errors.ts';
import { type ObjectVersion, openObject, STALLED_AFTER_MS, storageError } from './bucket.ts';
import { createEtagHash } from './etag-hash.ts';

// A line that brings less in half a minute will not bring a file before somebody mends it; meanwhile others may go on.
const LEAST_BYTES_BEFORE_STALLED = 64 * 1024;

/** How an object is fetched. */
export interface FetchOptions {
  maxBytes: number;
  signal: AbortSignal;
  /** In hex; null: nobody announced it, and the ETag is looked at instead. */
  sha256: string | null;
  onBytes?: (bytes: number) => void;
  /** The copy is begun anew: what was read of it is not to be trusted. */
  onCopyAgain?: () => void;
}

/** What a copy is, and what it should be. */
interface Copy {
  sha256: string;
  expected: string | null;
  found: string | null;
}

/**
 * Copies an object to a local file and hashes it on the way. A copy that is not what was stored is made anew once: the
 * line may have changed it.
 * @returns SHA-256 in hex.
 * @throws AppError `source_changed`, `file_too_large`, `checksum_mismatch`, `storage_unavailable`
 */
export async function fetchObject(
  s3: S3Client,
  object: ObjectVersion,
  path: string,
  options: FetchOptions,
): Promise<string> {
  const { maxBytes } = options;
  if (object.sizeBytes > maxBytes) {
    throw new AppError('file_too_large', 'the object is over the limit', {
      details: { maxBytes, size: object.sizeBytes },
    });
  }
  let copy = await copyObject(s3, object, path, options);
  if (copy.expected !== copy.found) {
    options.onCopyAgain?.();
    copy = await copyObject(s3, object, path, options);
  }
  const { expected, found, sha256 } = copy;
  if (expected === found) return sha256;
  throw new AppError('checksum_mismatch', 'the file is not the one that was stored', { details: { expected, found } });
}

async function copyObject(s3: S3Client, object: ObjectVersion, path: string, options: FetchOptions): Promise<Copy> {
  const { signal, onBytes } = options;
  const stalled = new AbortController();
  const stop = AbortSignal.any([signal, stalled.signal]);
  const { body, encryption } = await openObject(s3, object, { signal: stop });
  const hash = createHash('sha256');
  const etagHash = options.sha256 === null ? createEtagHash(object, encryption) : null;
  let received = 0;
  let seen = 0;
  const watch = setInterval(() => {
    if (received - seen < LEAST_BYTES_BEFORE_STALLED) stalled.abort();
    seen = received;
  }, STALLED_AFTER_MS);
  try {
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          received += chunk.length;
          hash.update(chunk);
          etagHash?.update(chunk);
          onBytes?.(received);
          yield chunk;
        }
      },
      createWriteStream(path, { mode: 0o600 }),
      { signal: stop },
    );
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new AppError('out_of_disk', 'no room for the file', { cause: error });
    }
    throw storageError(error, object);
  } finally {
    clearInterval(watch);
  }
  if (received !== object.sizeBytes) {
    throw new AppError('storage_unavailable', `the bucket sent ${received} of ${object.sizeBytes} bytes`);
  }
  const sha256 = hash.digest('hex');
  if (options.sha256 !== null) return { sha256, expected: options.sha256, found: sha256 };
  return { sha256, expected: etagHash && object.etag, found: etagHash?.digest() ?? null };
}
