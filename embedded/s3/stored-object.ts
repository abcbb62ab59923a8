import type { Checksums, ChecksumType } from './checksums.ts';
import type { DataSegment } from './data-files.ts';

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
