import { createHash } from 'node:crypto';
import type { ObjectVersion } from './bucket.ts';

/** Where uploads lie in the bucket. */
export const UPLOAD_PREFIX = 'uploads/';

/** Every part of an upload but its last. 10,000 are the protocol's limit: 16 MiB reaches 156 GiB, far over what is taken. */
export const PART_BYTES = 16 * 1024 * 1024;

/** Computes what the ETag of an object should be from the bytes that came. */
export interface EtagHash {
  update(chunk: Uint8Array): void;
  digest(): string;
}

const md5 = () => createHash('md5');

/**
 * S3 makes an ETag of the MD5 of an object's bytes; of several parts, of the MD5 of their MD5s and of their number. null
 * where it is something else: with keys of a KMS or of the client's, in a directory bucket, and for parts whose size
 * nobody knows. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function createEtagHash(object: ObjectVersion, encryption: string | undefined): EtagHash | null {
  if ((encryption !== undefined && encryption !== 'AES256') || object.bucket.endsWith('--x-s3')) return null;
  if (/^[0-9a-f]{32}$/.test(object.etag)) {
    const hash = md5();
    return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('hex') };
  }
  const parts = /^[0-9a-f]{32}-(\d+)$/.exec(object.etag)?.[1];
  const isOurs = object.key.startsWith(UPLOAD_PREFIX) && Number(parts) === Math.ceil(object.sizeBytes / PART_BYTES);
  return isOurs ? createPartsHash() : null;
}

function createPartsHash(): EtagHash {
  const whole = md5();
  let part = md5();
  let parts = 0;
  let left = PART_BYTES;
  const endPart = () => {
    whole.update(part.digest());
    part = md5();
    parts += 1;
    left = PART_BYTES;
  };
  return {
    update(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + left);
        part.update(piece);
        at += piece.length;
        left -= piece.length;
        if (left === 0) endPart();
      }
    },
    digest() {
      if (left < PART_BYTES) endPart();
      return `${whole.digest('hex')}-${parts}`;
    },
  };
}
