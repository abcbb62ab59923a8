import { createHash } from 'node:crypto';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  type Checksums,
  checksumElement,
  checksumOfParts,
} from './checksums.ts';
import type { MultipartUpload, UploadedPart } from './multipart-uploads.ts';
import { S3Error } from './s3-error.ts';
import type { StoredObject } from './stored-object.ts';
import { childText, malformed, parseXml } from './xml.ts';

/** A part as the client names it when it completes an upload. */
export interface NamedPart {
  partNumber: number;
  etag: string;
  checksums: Checksums;
}

/** What the completion claims about the whole object. */
export interface CompletionClaims {
  maxObjectBytes: number;
  declaredSize: string | undefined;
  declaredChecksum: { algorithm: ChecksumAlgorithm; value: string } | undefined;
  declaredChecksumType: string | undefined;
}

// S3's limits: every part but the last has at least 5 MiB, and there are 10 000 of them at most.
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

/** Reads the list of parts that completes an upload. */
export function parseCompletion(xml: string): NamedPart[] {
  const root = parseXml(xml);
  const parts = root.children.filter((child) => child.name === 'Part');
  if (root.name !== 'CompleteMultipartUpload' || parts.length === 0 || parts.length > MAX_PARTS) throw malformed();
  return parts.map((part) => {
    const partNumber = childText(part, 'PartNumber')?.trim() ?? '';
    const etag = childText(part, 'ETag')?.trim();
    if (!/^\d{1,5}$/.test(partNumber) || etag === undefined) throw malformed();
    const checksums: Checksums = {};
    for (const algorithm of CHECKSUM_ALGORITHMS) {
      const value = childText(part, checksumElement(algorithm))?.trim();
      if (value !== undefined) checksums[algorithm] = value;
    }
    return { partNumber: Number(partNumber), etag: etag.replace(/^"(.*)"$/, '$1').toLowerCase(), checksums };
  });
}

/** Lays the named parts end to end, or throws if one is not what was uploaded. Nothing is read and nothing written. */
export function assembleObject(upload: MultipartUpload, named: NamedPart[], claims: CompletionClaims): StoredObject {
  if (named.some((part, i) => i > 0 && part.partNumber <= named[i - 1]!.partNumber)) {
    throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  const parts = named.map((part) => findPart(upload, part));
  const sizes = parts.map((part) => part.segment.size);
  if (sizes.slice(0, -1).some((size) => size < MIN_PART_BYTES)) {
    throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size of a part.');
  }
  const size = sizes.reduce((total, partSize) => total + partSize, 0);
  if (size > claims.maxObjectBytes) throw new S3Error('EntityTooLarge', 'The parts are larger than an object may be.');
  if (claims.declaredSize !== undefined && claims.declaredSize !== String(size)) {
    throw new S3Error('InvalidRequest', 'The parts do not have the size that x-amz-mp-object-size declares.');
  }
  const md5 = createHash('md5')
    .update(Buffer.from(parts.map((part) => part.md5).join(''), 'hex'))
    .digest('hex');
  return {
    key: upload.key,
    etag: `${md5}-${parts.length}`,
    size,
    modifiedMs: Date.now(),
    headers: upload.headers,
    checksums: computeChecksum(upload, parts, claims),
    checksumType: upload.checksum?.type ?? 'FULL_OBJECT',
    segments: parts.map((part) => part.segment),
    uploadId: upload.id,
  };
}

function findPart(upload: MultipartUpload, { partNumber, etag, checksums }: NamedPart): UploadedPart {
  const part = upload.parts.get(partNumber);
  const isSame =
    part?.md5 === etag &&
    CHECKSUM_ALGORITHMS.every(
      (algorithm) => (checksums[algorithm] ?? part.checksums[algorithm]) === part.checksums[algorithm],
    );
  if (!isSame) {
    throw new S3Error('InvalidPart', `Part ${partNumber} was not uploaded, or is not the one that is named.`);
  }
  return part;
}

function computeChecksum(upload: MultipartUpload, parts: UploadedPart[], claims: CompletionClaims): Checksums {
  const { declaredChecksum, declaredChecksumType } = claims;
  const { algorithm, type } = upload.checksum ?? {};
  if (declaredChecksum !== undefined && declaredChecksum.algorithm !== algorithm) {
    throw new S3Error('InvalidRequest', 'The upload was not created with this checksum algorithm.');
  }
  if (declaredChecksumType !== undefined && declaredChecksumType !== type) {
    throw new S3Error('InvalidRequest', 'The upload was not created with this checksum type.');
  }
  if (algorithm === undefined || type === undefined) return {};
  const digests = parts.map((part) => ({ checksum: part.checksums[algorithm] ?? '', size: part.segment.size }));
  const checksum = checksumOfParts(algorithm, type, digests);
  // A composite may be named with or without the number of its parts.
  const accepted = [checksum, checksum.replace(/-\d+$/, '')];
  if (declaredChecksum !== undefined && !accepted.includes(declaredChecksum.value)) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the parts.`);
  }
  return { [algorithm]: checksum };
}
