import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { ChecksumAlgorithm, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChecksum } from './checksums.ts';
import {
  BUCKET,
  hmacHex,
  outcomeOf,
  presign,
  send,
  sha256,
  signHeaders,
  signingKey,
  startTestServer,
  summary,
  type TestServer,
} from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const target = (key: string) => `${server.url}/${BUCKET}/${key}`;
const isThere = (Key: string) => outcomeOf(server.plainClient.send(new HeadObjectCommand({ Bucket: BUCKET, Key })));

/** Puts with UNSIGNED-PAYLOAD and these headers, signed by hand. */
async function putWith(headers: Record<string, string>, body = 'content', key = 'by-hand') {
  const signed = signHeaders('PUT', target(key), 'UNSIGNED-PAYLOAD', headers);
  return summary(await send(target(key), { method: 'PUT', headers: signed.headers, body }));
}

describe('the SDK with its own checksums', () => {
  const body = randomBytes(300_000);

  it.each([
    ChecksumAlgorithm.CRC32,
    ChecksumAlgorithm.CRC32C,
    ChecksumAlgorithm.CRC64NVME,
    ChecksumAlgorithm.SHA1,
    ChecksumAlgorithm.SHA256,
  ])('puts and gets with %s, from memory and as a stream with a trailer', async (algorithm) => {
    for (const Body of [body, Readable.from([body.subarray(0, 100_001), body.subarray(100_001)])]) {
      const Key = `sdk/${algorithm}/${Body instanceof Readable}`;
      const put = { Bucket: BUCKET, Key, Body, ContentLength: body.length, ChecksumAlgorithm: algorithm };
      const stored = await server.client.send(new PutObjectCommand(put));
      const expected = startChecksum(algorithm.toLowerCase() as 'crc32');
      expected.update(body);
      expect(stored[`Checksum${algorithm}`]).toBe(expected.digest().toString('base64'));
      const read = await server.client.send(new GetObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }));
      expect(read[`Checksum${algorithm}`]).toBe(stored[`Checksum${algorithm}`]);
      expect(read.ChecksumType).toBe('FULL_OBJECT');
      expect(read.ContentEncoding).toBeUndefined();
      expect(Buffer.from(await read.Body!.transformToByteArray()).equals(body)).toBe(true);
    }
  });

  it('is refused with an algorithm the server does not know', async () => {
    const { SHA512, XXHASH3 } = ChecksumAlgorithm;
    for (const algorithm of [SHA512, XXHASH3].filter((name) => name !== undefined)) {
      const value = { [`Checksum${algorithm}`]: 'AAAA' };
      const put = new PutObjectCommand({ Bucket: BUCKET, Key: 'unknown', Body: 'x', ...value });
      expect(await outcomeOf(server.client.send(put))).toBe('400 InvalidRequest');
    }
    expect(await isThere('unknown')).toBe('404 NotFound');
  });

  it('is refused when it presigns the checksum of an empty body, as it does unless told otherwise', async () => {
    const url = await presign(server.client, new PutObjectCommand({ Bucket: BUCKET, Key: 'presigned' }));
    expect(url).toContain('x-amz-checksum-crc32=AAAAAA%3D%3D');
    expect(summary(await send(url, { method: 'PUT', body: 'content' }))).toBe('400 BadDigest');
    const plainUrl = await presign(server.plainClient, new PutObjectCommand({ Bucket: BUCKET, Key: 'presigned' }));
    expect(summary(await send(plainUrl, { method: 'PUT', body: 'content' }))).toBe('200');
  });
});

describe('declared checksums', () => {
  it('are verified', async () => {
    const right = createHash('sha256').update('content').digest('base64');
    const wrong = createHash('sha256').update('other').digest('base64');
    expect(await putWith({ 'x-amz-checksum-sha256': wrong })).toBe('400 BadDigest');
    expect(await putWith({ 'content-md5': createHash('md5').update('other').digest('base64') })).toBe('400 BadDigest');
    expect(await putWith({ 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' })).toBe('400 BadDigest');
    expect(await isThere('by-hand')).toBe('404 NotFound');
    expect(await putWith({ 'content-md5': createHash('md5').update('content').digest('base64') })).toBe('200');
    expect(await putWith({ 'x-amz-checksum-sha256': right })).toBe('200');
  });

  it('are refused when malformed, unknown, doubled, or announced and absent', async () => {
    const right = createHash('sha256').update('content').digest('base64');
    expect(await putWith({ 'content-md5': 'nonsense' })).toBe('400 InvalidDigest');
    expect(await putWith({ 'x-amz-checksum-sha256': 'nonsense' })).toBe('400 InvalidRequest');
    expect(await putWith({ 'x-amz-checksum-md5': 'mgNkuembtIDdJeHwKEyFVQ==' })).toBe('400 InvalidRequest');
    expect(await putWith({ 'x-amz-checksum-sha256': right, 'x-amz-checksum-crc32': 'AAAAAA==' })).toBe(
      '400 InvalidRequest',
    );
    expect(await putWith({ 'x-amz-sdk-checksum-algorithm': 'CRC32' })).toBe('400 InvalidRequest');
    expect(await putWith({ 'x-amz-sdk-checksum-algorithm': 'ROT13' })).toBe('400 InvalidRequest');
    const otherAlgorithm = { 'x-amz-sdk-checksum-algorithm': 'CRC32', 'x-amz-checksum-sha256': right };
    expect(await putWith(otherAlgorithm)).toBe('400 InvalidRequest');
    expect(await putWith({ 'x-amz-trailer': 'x-amz-checksum-crc32' })).toBe('400 InvalidRequest');
  });
});

describe('chunked bodies', () => {
  // CRC-32C of `hello`.
  const CHECKSUM = 'mnG7TA==';

  async function putChunked(payload: string, body: (signatures: Signer) => string, more: Record<string, string> = {}) {
    const url = target('chunked');
    const headers = { 'x-amz-decoded-content-length': '5', 'content-encoding': 'aws-chunked', ...more };
    const signed = signHeaders('PUT', url, payload, headers);
    const key = signingKey(signed.timestamp.slice(0, 8));
    let previous = signed.signature;
    const sign = (kind: string, ...hashes: string[]) => {
      previous = hmacHex(key, [kind, signed.timestamp, signed.scope, previous, ...hashes].join('\n'));
      return previous;
    };
    const text = body({
      chunk: (content) => sign('AWS4-HMAC-SHA256-PAYLOAD', sha256(''), sha256(content)),
      trailer: (lines) => sign('AWS4-HMAC-SHA256-TRAILER', sha256(lines)),
    });
    return summary(await send(url, { method: 'PUT', headers: signed.headers, body: text }));
  }

  interface Signer {
    chunk(content: string): string;
    trailer(lines: string): string;
  }

  const chunks = ({ chunk }: Signer) =>
    `5;chunk-signature=${chunk('hello')}\r\nhello\r\n0;chunk-signature=${chunk('')}\r\n`;
  const trailer = ({ trailer }: Signer, line = `x-amz-checksum-crc32c:${CHECKSUM}`) =>
    `${line}\r\nx-amz-trailer-signature:${trailer(`${line}\n`)}\r\n\r\n`;
  const announced = { 'x-amz-trailer': 'x-amz-checksum-crc32c' };

  it('are taken when each chunk and the trailer are signed', async () => {
    expect(await putChunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', (s) => `${chunks(s)}\r\n`)).toBe('200');
    const withTrailer = (s: Signer) => chunks(s) + trailer(s);
    expect(await putChunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', withTrailer, announced)).toBe('200');
    const read = await server.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'chunked' }));
    expect(await read.Body!.transformToString()).toBe('hello');
    expect(read.ContentEncoding).toBeUndefined();
    expect(read.ChecksumCRC32C).toBe(CHECKSUM);
  });

  it('are refused when a chunk or the trailer is tampered with', async () => {
    const attempt = (tamper: (body: string) => string) =>
      putChunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', (s) => tamper(chunks(s) + trailer(s)), announced);
    expect(await attempt((body) => body.replace('hello', 'hallo'))).toBe('403 SignatureDoesNotMatch');
    expect(await attempt((body) => body.replace(/chunk-signature=\w{4}/, 'chunk-signature=0000'))).toBe(
      '403 SignatureDoesNotMatch',
    );
    expect(await attempt((body) => body.replace(CHECKSUM, 'AAAAAA=='))).toBe('403 SignatureDoesNotMatch');
    expect(await attempt((body) => body.replace(/trailer-signature:\w{4}/, 'trailer-signature:0000'))).toBe(
      '403 SignatureDoesNotMatch',
    );
  });

  it('are refused when a signed checksum is wrong, not the one announced, or missing', async () => {
    const attempt = (line: string, headers: Record<string, string> = announced) =>
      putChunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', (s) => chunks(s) + trailer(s, line), headers);
    expect(await attempt('x-amz-checksum-crc32c:AAAAAA==')).toBe('400 BadDigest');
    expect(await attempt('x-amz-checksum-crc32:NhCmhg==')).toBe('400 MalformedTrailerError');
    const unknown = { 'x-amz-trailer': 'x-amz-checksum-rot13' };
    expect(await attempt('x-amz-checksum-rot13:uryyb', unknown)).toBe('400 InvalidRequest');
    const unsigned = await putChunked('STREAMING-UNSIGNED-PAYLOAD-TRAILER', () => '5\r\nhello\r\n0\r\n\r\n', announced);
    expect(unsigned).toBe('400 MalformedTrailerError');
  });

  it('are refused when they hold more or less than was declared, or declare nothing', async () => {
    const body = (s: Signer) => `${chunks(s)}\r\n`;
    const attempt = (length: string) =>
      putChunked('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', body, { 'x-amz-decoded-content-length': length });
    expect(await attempt('4')).toBe('400 IncompleteBody');
    expect(await attempt('6')).toBe('400 IncompleteBody');
    expect(await attempt('five')).toBe('400 InvalidArgument');
  });

  it('are refused when the payload hash does not announce them, or is of a kind that nobody can verify', async () => {
    expect(await putWith({ 'content-encoding': 'gzip, aws-chunked' })).toBe('400 InvalidRequest');
    expect(await putChunked('STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', () => 'x')).toBe('501 NotImplemented');
    const { headers } = signHeaders('PUT', target('by-hand'), 'whatever');
    expect(summary(await send(target('by-hand'), { method: 'PUT', headers, body: 'x' }))).toBe('400 InvalidArgument');
  });
});

it('refuses a body whose length is not known beforehand', async () => {
  const { headers } = signHeaders('PUT', target('endless'), 'UNSIGNED-PAYLOAD');
  const answer = await send(target('endless'), {
    method: 'PUT',
    headers: { ...headers, 'transfer-encoding': 'chunked' },
  });
  expect(summary(answer)).toBe('411 MissingContentLength');
});
