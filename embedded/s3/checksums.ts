import { createHash } from 'node:crypto';
import { Crc32, Crc32c, Crc64Nvme, combineCrcs, isCombinableCrc, type RunningChecksum } from './crc.ts';
import { S3Error } from './s3-error.ts';

export const CHECKSUM_ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** Base64 checksums by algorithm. */
export type Checksums = Partial<Record<ChecksumAlgorithm, string>>;

/** `COMPOSITE` is a checksum of the parts' checksums, `FULL_OBJECT` one of all the bytes. */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

const START: Record<ChecksumAlgorithm, () => RunningChecksum> = {
  crc32: () => new Crc32(),
  crc32c: () => new Crc32c(),
  crc64nvme: () => new Crc64Nvme(),
  sha1: () => createHash('sha1'),
  sha256: () => createHash('sha256'),
};

const DIGEST_BYTES: Record<ChecksumAlgorithm, number> = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32 };

const CHECKSUM_PREFIX = 'x-amz-checksum-';

// These begin like a checksum but only talk about one.
const NOT_CHECKSUMS = new Set(['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type']);

/** Starts a checksum that is fed piece by piece. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  return START[algorithm]();
}

/** Reads an algorithm's name as it stands in a header, in any case; an unknown one is refused, not ignored. */
export function parseChecksumAlgorithm(text: string): ChecksumAlgorithm {
  const name = text.toLowerCase();
  const known = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name);
  if (known === undefined) {
    throw new S3Error('InvalidRequest', `The checksum algorithm is not one of ${CHECKSUM_ALGORITHMS.join(', ')}.`);
  }
  return known;
}

/** The algorithm of an `x-amz-checksum-…` name, `undefined` for a name that is none. */
export function checksumAlgorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  if (!name.startsWith(CHECKSUM_PREFIX) || NOT_CHECKSUMS.has(name)) return undefined;
  return parseChecksumAlgorithm(name.slice(CHECKSUM_PREFIX.length));
}

/** The one checksum among these names and values, `undefined` if there is none; two are refused as S3 does. */
export function findChecksum(
  parameters: Iterable<readonly [string, string]>,
): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  let found: { algorithm: ChecksumAlgorithm; value: string } | undefined;
  for (const [name, value] of parameters) {
    const algorithm = checksumAlgorithmOfHeader(name);
    if (algorithm === undefined) continue;
    if (found !== undefined) throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
    found = { algorithm, value };
  }
  return found;
}

/** Refuses a text that cannot be the base64 checksum of this algorithm. */
export function checkChecksumFormat(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== DIGEST_BYTES[algorithm] || bytes.toString('base64') !== value) {
    throw new S3Error('InvalidRequest', `Value for x-amz-checksum-${algorithm} header is invalid.`);
  }
}

/** The response headers that tell an object's or a part's checksums. */
export function checksumHeaders(checksums: Checksums, type?: ChecksumType): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [algorithm, value] of Object.entries(checksums)) headers[CHECKSUM_PREFIX + algorithm] = value;
  if (type !== undefined && Object.keys(headers).length > 0) headers['x-amz-checksum-type'] = type;
  return headers;
}

/** The name of the XML element that carries a checksum, such as `ChecksumCRC32C`. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm.toUpperCase()}`;
}

/** The type a multipart upload gets when the client names none: what AWS chooses. */
export function defaultChecksumType(algorithm: ChecksumAlgorithm): ChecksumType {
  return algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE';
}

/** Tells whether AWS, and so this server, allows this type for this algorithm. */
export function isChecksumTypeAllowed(algorithm: ChecksumAlgorithm, type: ChecksumType): boolean {
  return type === 'FULL_OBJECT' ? isCombinableCrc(algorithm) : algorithm !== 'crc64nvme';
}

/** The checksum of a completed multipart upload from the checksums of its parts, in their order. */
export function checksumOfParts(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { checksum: string; size: number }[],
): string {
  const digests = parts.map((part) => ({ digest: Buffer.from(part.checksum, 'base64'), size: part.size }));
  if (type === 'FULL_OBJECT') {
    if (!isCombinableCrc(algorithm)) throw new S3Error('InvalidRequest', 'Only a CRC can cover a full object.');
    return combineCrcs(algorithm, digests).toString('base64');
  }
  const checksum = startChecksum(algorithm);
  for (const part of digests) checksum.update(part.digest);
  return `${checksum.digest().toString('base64')}-${parts.length}`;
}
