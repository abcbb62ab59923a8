import { createHash } from 'node:crypto';
import { decodeAwsChunks, hasTrailer, isAwsChunked, malformedTrailer } from './aws-chunked.ts';
import {
  type ChecksumAlgorithm,
  type Checksums,
  checkChecksumFormat,
  checksumAlgorithmOfHeader,
  findChecksum,
  parseChecksumAlgorithm,
  startChecksum,
} from './checksums.ts';
import { S3Error } from './s3-error.ts';
import { header, type S3Request } from './s3-request.ts';
import type { VerifiedSignature } from './signature-v4.ts';

/** What a body must turn out to be. */
export interface BodyExpectation {
  minBytes?: number;
  maxBytes: number;
  /** The size the client declared; a body that differs is broken, not merely too large or too small. */
  exactBytes?: number;
  /** Hexadecimal. */
  sha256?: string;
  /** Base64, as in `Content-MD5`. */
  md5?: string;
  /** The value is asked for at the end, as it may come in a trailer. */
  checksum?: { algorithm: ChecksumAlgorithm; value: () => string | undefined };
  /** A checksum to compute even though nothing is there to compare it with. */
  alsoCompute?: ChecksumAlgorithm;
}

/** A body on its way in: yields its bytes and, before it ends, throws if they are not what was promised. */
export class VerifiedBody implements AsyncIterable<Buffer> {
  readonly #source: AsyncIterable<Buffer>;
  readonly #expectation: BodyExpectation;
  readonly checksums: Checksums = {};
  size = 0;
  /** Hexadecimal; empty until the body is through. */
  md5 = '';

  constructor(source: AsyncIterable<Buffer>, expectation: BodyExpectation) {
    this.#source = source;
    this.#expectation = expectation;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const { minBytes = 0, maxBytes, exactBytes, sha256, md5, checksum, alsoCompute } = this.#expectation;
    const md5Hash = createHash('md5');
    const sha256Hash = sha256 === undefined ? undefined : createHash('sha256');
    const algorithms = new Set([checksum?.algorithm, alsoCompute].filter((algorithm) => algorithm !== undefined));
    const running = [...algorithms].map((algorithm) => ({ algorithm, sum: startChecksum(algorithm) }));
    for await (const chunk of this.#source) {
      this.size += chunk.length;
      if (exactBytes !== undefined && this.size > exactBytes) throw differentSize();
      if (this.size > maxBytes) throw tooLarge();
      md5Hash.update(chunk);
      sha256Hash?.update(chunk);
      for (const { sum } of running) sum.update(chunk);
      yield chunk;
    }
    if (exactBytes !== undefined && this.size < exactBytes) throw differentSize();
    if (this.size < minBytes) throw new S3Error('EntityTooSmall', 'Your upload is smaller than the minimum allowed.');
    this.md5 = md5Hash.digest('hex');
    for (const { algorithm, sum } of running) this.checksums[algorithm] = sum.digest().toString('base64');
    if (sha256Hash !== undefined && sha256Hash.digest('hex') !== sha256) {
      throw new S3Error(
        'XAmzContentSHA256Mismatch',
        'The body is not the one that x-amz-content-sha256 was signed for.',
      );
    }
    if (md5 !== undefined && Buffer.from(this.md5, 'hex').toString('base64') !== md5) {
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
    if (checksum !== undefined && checksum.value() !== this.checksums[checksum.algorithm]) {
      throw new S3Error('BadDigest', `The ${checksum.algorithm} you specified did not match what we received.`);
    }
  }
}

export interface BodyOptions {
  maxBytes: number;
  alsoCompute?: ChecksumAlgorithm;
  /** For the one request whose checksum header is about something else than its body. */
  ignoreChecksum?: boolean;
}

/** Makes the body of a signed request readable, checking beforehand all that its headers promise. */
export function openRequestBody(
  request: S3Request,
  signature: VerifiedSignature,
  { maxBytes, alsoCompute, ignoreChecksum = false }: BodyOptions,
): VerifiedBody {
  const { payload } = signature;
  const isChunked = isAwsChunked(payload);
  const size = readDeclaredSize(request, isChunked);
  if (size > maxBytes) throw tooLarge();
  const trailers = new Map<string, string>();
  const expectation: BodyExpectation = { maxBytes, exactBytes: size, alsoCompute, md5: readContentMd5(request) };
  if (!ignoreChecksum) expectation.checksum = readChecksum(request, payload, trailers);
  if (!isChunked && payload !== 'UNSIGNED-PAYLOAD') {
    if (!/^[0-9a-f]{64}$/.test(payload)) throw new S3Error('InvalidArgument', 'x-amz-content-sha256 is invalid.');
    expectation.sha256 = payload;
  }
  // The request is left whole when reading stops early: whoever answers the error still has to drain it.
  const bytes: AsyncIterable<Buffer> = request.incoming.iterator({ destroyOnReturn: false });
  return new VerifiedBody(isChunked ? decodeAwsChunks(bytes, signature, trailers) : bytes, expectation);
}

/** Reads a whole small body as text. */
export async function readText(body: VerifiedBody): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function readDeclaredSize(request: S3Request, isChunked: boolean): number {
  const name = isChunked ? 'x-amz-decoded-content-length' : 'content-length';
  const text = header(request, name);
  if (text === undefined) {
    throw new S3Error('MissingContentLength', `You must provide the ${name} header.`);
  }
  if (!/^\d{1,15}$/.test(text)) throw new S3Error('InvalidArgument', `${name} is invalid.`);
  // Stored as it came, such a body would hold the chunks' headers between its bytes.
  if (!isChunked && /(^|[ ,])aws-chunked($|[ ,])/i.test(header(request, 'content-encoding') ?? '')) {
    throw new S3Error('InvalidRequest', 'An aws-chunked body must say so in x-amz-content-sha256.');
  }
  return Number(text);
}

function readContentMd5(request: S3Request): string | undefined {
  const md5 = header(request, 'content-md5');
  if (md5 !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(md5)) {
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified is not valid.');
  }
  return md5;
}

function readChecksum(
  request: S3Request,
  payload: string,
  trailers: ReadonlyMap<string, string>,
): BodyExpectation['checksum'] {
  const announced = readAnnouncedTrailer(request, payload);
  const declared = findChecksum(request.amz);
  if (declared !== undefined) checkChecksumFormat(declared.algorithm, declared.value);
  if (declared !== undefined && announced !== undefined) {
    throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
  }
  const algorithm = declared?.algorithm ?? announced;
  const sdkAlgorithm = request.amz.get('x-amz-sdk-checksum-algorithm');
  if (sdkAlgorithm !== undefined && parseChecksumAlgorithm(sdkAlgorithm) !== algorithm) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  if (algorithm === undefined) return undefined;
  if (declared !== undefined) return { algorithm, value: () => declared.value };
  const name = `x-amz-checksum-${algorithm}`;
  return {
    algorithm,
    value: () => {
      if (trailers.size !== 1 || !trailers.has(name)) throw malformedTrailer();
      return trailers.get(name);
    },
  };
}

/** The one checksum that is to come behind the body; S3 knows no other trailing header. */
function readAnnouncedTrailer(request: S3Request, payload: string): ChecksumAlgorithm | undefined {
  const announced = request.amz.get('x-amz-trailer');
  if (!hasTrailer(payload)) {
    if (announced === undefined) return undefined;
    throw new S3Error('InvalidRequest', 'x-amz-trailer does not go with this x-amz-content-sha256.');
  }
  const algorithm = announced === undefined ? undefined : checksumAlgorithmOfHeader(announced.trim().toLowerCase());
  if (algorithm === undefined) throw malformedTrailer();
  return algorithm;
}

function differentSize(): S3Error {
  return new S3Error('IncompleteBody', 'The body does not have the size that was declared for it.');
}

function tooLarge(): S3Error {
  return new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size.');
}
