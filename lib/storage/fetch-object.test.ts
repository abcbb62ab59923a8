// Bytes that a line changes, cuts off or holds back between the bucket and us.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BUCKET, startTestServer, type TestServer } from '#embedded/s3/test-server.ts';
import { type FaultyLine, openFaultyLine } from '#tests/support/faulty-line.ts';
import { Random } from '#tests/support/random.ts';
import { headObject, type ObjectVersion } from './bucket.ts';
import { createEtagHash, PART_BYTES } from './etag-hash.ts';
import { fetchObject } from './fetch-object.ts';

/** A few in every run; `CARGA_TEST_FLIPS=500` for the figure of a release. */
const FLIPS = Number(process.env.CARGA_TEST_FLIPS ?? 20);
const random = new Random(FLIPS);
const KEY = 'uploads/x/y.csv';

let server: TestServer;
let line: FaultyLine;
let s3: TestServer['client'];
let folder: string;
let object: ObjectVersion;
const bytes = randomBytes(100_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  server = await startTestServer();
  line = await openFaultyLine(new URL(server.url));
  s3 = server.clientWith({
    endpoint: `http://127.0.0.1:${line.port}`,
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  folder = await mkdtemp(path.join(tmpdir(), 'carga-fetch-'));
  await server.plainClient.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: bytes }));
  object = await headObject(server.plainClient, { bucket: BUCKET, key: KEY });
});
afterEach(() => {
  line.rewrite = null;
});
afterAll(async () => {
  await server?.close();
  await line?.close();
  await rm(folder, { recursive: true, force: true });
});

const fetchIt = (announced: string | null = null, from = object) => {
  const options = { maxBytes: 2 ** 30, signal: new AbortController().signal, sha256: announced };
  return fetchObject(s3, from, path.join(folder, 'copy'), options);
};

/** Where a body begins in what came; -1 where none does. */
function bodyStart(piece: Buffer): number {
  if (piece.subarray(0, 5).toString() !== 'HTTP/') return 0;
  const at = piece.indexOf('\r\n\r\n') + 4;
  return at < piece.length ? at : -1;
}

/** Flips one bit in each of the next `times` bodies. */
function flipBodies(times: number): () => number {
  let answers = 0;
  let flips = 0;
  line.rewrite = (piece) => {
    if (piece.subarray(0, 5).toString() === 'HTTP/') answers += 1;
    const start = bodyStart(piece);
    if (start < 0 || flips >= Math.min(answers, times)) return piece;
    const at = start + random.integer(0, piece.length - start - 1);
    piece[at] = (piece[at] as number) ^ (1 << random.integer(0, 7));
    flips += 1;
    return piece;
  };
  return () => flips;
}

describe.each([
  ['by the ETag', null],
  ['by the SHA-256 that was announced', sha256],
])('%s', (_name, announced) => {
  test(`of ${FLIPS} files with a flipped bit none is taken as it came`, async () => {
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const flips = flipBodies(1);
      expect(await fetchIt(announced)).toBe(sha256);
      expect(flips()).toBe(1);
      expect((await readFile(path.join(folder, 'copy'))).equals(bytes)).toBe(true);
    }
  });

  test('a line that always flips is refused', async () => {
    flipBodies(2);
    await expect(fetchIt(announced)).rejects.toMatchObject({ code: 'checksum_mismatch' });
  });
});

test(`of ${FLIPS} files that were cut off none is taken`, async () => {
  for (let cut = 0; cut < FLIPS; cut += 1) {
    let left = random.integer(0, bytes.length - 1);
    line.rewrite = (piece) => {
      left -= piece.length;
      return left < 0 ? undefined : piece;
    };
    await expect(fetchIt()).rejects.toMatchObject({ code: 'storage_unavailable' });
  }
});

test('the ETag of an upload in parts is computed as the bucket does', async () => {
  const key = 'uploads/x/parts';
  const { plainClient } = server;
  const { UploadId } = await plainClient.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: key }));
  const content = randomBytes(PART_BYTES + 1000);
  const parts = await Promise.all(
    [content.subarray(0, PART_BYTES), content.subarray(PART_BYTES)].map(async (Body, index) => {
      const part = { Bucket: BUCKET, Key: key, UploadId, PartNumber: index + 1, Body };
      return { PartNumber: index + 1, ETag: (await plainClient.send(new UploadPartCommand(part))).ETag };
    }),
  );
  const MultipartUpload = { Parts: parts };
  await plainClient.send(new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key: key, UploadId, MultipartUpload }));
  const whole = await headObject(plainClient, { bucket: BUCKET, key });
  expect(whole.etag).toMatch(/-2$/);
  const hash = createHash('sha256').update(content).digest('hex');
  expect(await fetchIt(null, whole)).toBe(hash);
  flipBodies(1);
  expect(await fetchIt(null, whole)).toBe(hash);
  flipBodies(2);
  await expect(fetchIt(null, whole)).rejects.toMatchObject({ code: 'checksum_mismatch' });
});

test.each<[string, Partial<ObjectVersion>, string | undefined]>([
  ['a key of a KMS', {}, 'aws:kms'],
  ["a key of the client's", {}, 'AES-256'],
  ['a directory bucket', { bucket: 'x--use1-az4--x-s3' }, undefined],
  ['parts of another size', { etag: `${'0'.repeat(32)}-3`, sizeBytes: PART_BYTES }, undefined],
  ['parts that others put together', { etag: `${'0'.repeat(32)}-1`, key: 'x.csv' }, undefined],
  ['an ETag of another kind', { etag: 'CJ+x/y' }, undefined],
])('an ETag that is no such hash is not held against the bytes: %s', (_name, change, encryption) => {
  expect(createEtagHash({ ...object, ...change }, encryption)).toBeNull();
  expect(createEtagHash(object, 'AES256')).not.toBeNull();
});
