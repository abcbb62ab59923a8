import type { Checksums, ChecksumType } from './checksums.ts';
import type { DataSegment } from './data-files.ts';
import type { VerifiedBody } from './verified-body.ts';

/** An object as its small file in `buckets/` tells it. */
export interface StoredObject {
  key: string;
  /** Without quotes. */
  etag: string;
  size: number;
  modifiedMs: number;
  /** Content type, cache control and the like, and `x-amz-meta-…`, as they are sent back. */
  headers: Record<string, string>;
  checksums: Checksums;
  checksumType: ChecksumType;
  segments: DataSegment[];
  /** The multipart upload it came from, so that a repeated completion can be answered as the first was. */
  uploadId?: string;
}

/** The object that one body makes, now that it has been written as segment `id`. */
export function wholeObject(
  key: string,
  headers: StoredObject['headers'],
  { size, md5, checksums }: VerifiedBody,
  id: DataSegment['id'],
): StoredObject {
  const segments = [{ id, size }];
  return { key, etag: md5, size, modifiedMs: Date.now(), headers, checksums, checksumType: 'FULL_OBJECT', segments };
}
