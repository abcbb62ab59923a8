import { createHash } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';
import { S3Error } from './s3-error.ts';
import { checkSignature, hmac, sha256Hex, type VerifiedSignature } from './signature-v4.ts';

const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_WITH_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
const UNSIGNED_WITH_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

// A chunk's header is a hexadecimal length and a signature of 64 digits; a trailer's line is a checksum.
const MAX_LINE_BYTES = 1024;
// One checksum and one signature; more lines than this are no trailer of S3's.
const MAX_TRAILER_LINES = 4;

const EMPTY_SHA256 = sha256Hex('');

/** Tells whether a body comes in AWS's own chunks; a kind of chunks that nobody here can verify is refused. */
export function isAwsChunked(payload: string): boolean {
  if (!payload.startsWith('STREAMING-')) return false;
  if ([SIGNED, SIGNED_WITH_TRAILER, UNSIGNED_WITH_TRAILER].includes(payload)) return true;
  throw new S3Error('NotImplemented', 'This kind of x-amz-content-sha256 is not implemented by this server.');
}

/** Tells whether headers are announced behind the last chunk. */
export function hasTrailer(payload: string): boolean {
  return payload === SIGNED_WITH_TRAILER || payload === UNSIGNED_WITH_TRAILER;
}

/**
 * Takes the chunks off a body and yields its bytes, verifying each chunk's signature and the trailer's; bytes are
 * yielded before their chunk is verified, so nothing may be kept until the last one is through.
 * Trailing headers, lower case, are put into `trailers`.
 */
export async function* decodeAwsChunks(
  source: AsyncIterable<Buffer>,
  signature: VerifiedSignature,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  const chain = signature.payload === UNSIGNED_WITH_TRAILER ? undefined : new SignatureChain(signature);
  try {
    for (;;) {
      const { size, chunkSignature } = parseChunkHeader(await reader.readLine(MAX_LINE_BYTES), chain !== undefined);
      const hash = createHash('sha256');
      for await (const piece of reader.readBytes(size)) {
        if (chain !== undefined) hash.update(piece);
        yield piece;
      }
      chain?.checkChunk(hash.digest('hex'), chunkSignature);
      if (size === 0) break;
      if ((await reader.readLine(0)) !== '') throw malformedChunk();
    }
    await readTrailer(reader, trailers);
    if ((await reader.readRest(0)) === null) throw malformedChunk();
    if (hasTrailer(signature.payload)) chain?.checkTrailer(trailers);
    else if (trailers.size > 0) throw malformedTrailer();
  } finally {
    await reader.close();
  }
}

/** Each signature covers the one before it, so chunks can be neither exchanged nor left out. */
class SignatureChain {
  readonly #signature: VerifiedSignature;
  #previous: string;

  constructor(signature: VerifiedSignature) {
    this.#signature = signature;
    this.#previous = signature.signature;
  }

  checkChunk(contentSha256: string, signature: string): void {
    this.#check('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_SHA256, contentSha256], signature);
  }

  checkTrailer(trailers: Map<string, string>): void {
    const signature = trailers.get('x-amz-trailer-signature');
    if (signature === undefined) throw malformedTrailer();
    trailers.delete('x-amz-trailer-signature');
    const lines = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
    this.#check('AWS4-HMAC-SHA256-TRAILER', [sha256Hex(lines)], signature);
  }

  #check(kind: string, hashes: string[], signature: string): void {
    const { timestamp, scope, signingKey } = this.#signature;
    checkSignature(hmac(signingKey, [kind, timestamp, scope, this.#previous, ...hashes].join('\n')), signature);
    this.#previous = signature;
  }
}

function parseChunkHeader(line: string | null, isSigned: boolean): { size: number; chunkSignature: string } {
  if (line === null) throw new S3Error('IncompleteBody', 'The body ended before its last chunk.');
  const match = /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match === null || (match[2] !== undefined) !== isSigned) throw malformedChunk();
  return { size: Number.parseInt(match[1]!, 16), chunkSignature: match[2] ?? '' };
}

async function readTrailer(reader: ByteReader, trailers: Map<string, string>): Promise<void> {
  for (let lines = 0; ; lines++) {
    // Some clients end the body right behind the last line, without the empty one.
    const line = (await reader.readLine(MAX_LINE_BYTES))?.trim();
    if (line === undefined || line === '') return;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon < 1 || lines >= MAX_TRAILER_LINES || trailers.has(name)) throw malformedTrailer();
    trailers.set(name, line.slice(colon + 1).trim());
  }
}

function malformedChunk(): S3Error {
  return new S3Error('InvalidRequest', 'The chunks of the body are malformed.');
}

export function malformedTrailer(): S3Error {
  return new S3Error('MalformedTrailerError', 'The trailing headers of the body are malformed or not those announced.');
}
