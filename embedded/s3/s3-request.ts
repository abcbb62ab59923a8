import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.ts';

/** A request taken apart, before anything in it is believed. */
export interface S3Request {
  incoming: IncomingMessage;
  method: string;
  /** The path as it was sent, percent signs and all: this is what was signed. */
  rawPath: string;
  /** Decoded query parameters; each name occurs once. */
  query: ReadonlyMap<string, string>;
  /** Empty for the service itself. */
  bucket: string;
  /** Empty for a bucket. */
  key: string;
  /** `x-amz-…` parameters in lower case, from the headers or, as presigned addresses have them, from the query. */
  amz: ReadonlyMap<string, string>;
}

// S3's own limit, in bytes of UTF-8.
const MAX_KEY_BYTES = 1024;

/** Takes a request apart; what cannot be read in exactly one way is refused. */
export function parseRequest(incoming: IncomingMessage): S3Request {
  const target = incoming.url ?? '';
  if (!target.startsWith('/')) throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  const questionMark = target.indexOf('?');
  const rawPath = questionMark < 0 ? target : target.slice(0, questionMark);
  const query = parseQuery(questionMark < 0 ? '' : target.slice(questionMark + 1));
  const slash = rawPath.indexOf('/', 1);
  const bucketEnd = slash < 0 ? rawPath.length : slash;
  const bucket = decode(rawPath.slice(1, bucketEnd));
  const key = decode(rawPath.slice(bucketEnd + 1));
  checkKeyLength(key);
  return { incoming, method: incoming.method ?? '', rawPath, query, bucket, key, amz: collectAmz(incoming, query) };
}

/** Refuses a key that is longer than S3 allows. */
export function checkKeyLength(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError', 'Your key is too long.');
}

/** A header of which HTTP allows one value. */
export function header(request: S3Request, name: string): string | undefined {
  const value = request.incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** A whole number in the query, within bounds; `undefined` if it is absent. */
export function queryInteger(request: S3Request, name: string, min: number, max: number): number | undefined {
  const text = request.query.get(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (value < min || value > max) throw new S3Error('InvalidArgument', `${name} must be between ${min} and ${max}.`);
  return value;
}

/** Writes a text as node holds header values: one character per byte of its UTF-8. */
export function toHeaderValue(text: string): string {
  const value = Buffer.from(text, 'utf8').toString('latin1');
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    throw new S3Error('InvalidArgument', 'A header cannot hold control characters.');
  }
  return value;
}

/** Percent-decodes; a plus sign stays one. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}

function parseQuery(raw: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const decodedName = decode(name.replaceAll('+', ' '));
    // Two values for one name would leave open which of them counts.
    if (query.has(decodedName)) throw new S3Error('InvalidArgument', 'A query parameter occurs twice.');
    query.set(decodedName, decode(value.replaceAll('+', ' ')));
  }
  return query;
}

function collectAmz(incoming: IncomingMessage, query: ReadonlyMap<string, string>): Map<string, string> {
  const amz = new Map<string, string>();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith('x-amz-') && value !== undefined) amz.set(name, String(value));
  }
  for (const [name, text] of query) {
    const lowerCaseName = name.toLowerCase();
    if (!lowerCaseName.startsWith('x-amz-')) continue;
    const value = toHeaderValue(text);
    // The same value in both places is what a presigner that does not hoist, and a client that repeats, produce.
    if ((amz.get(lowerCaseName) ?? value) !== value) {
      throw new S3Error('InvalidArgument', `${lowerCaseName} has two different values.`);
    }
    amz.set(lowerCaseName, value);
  }
  return amz;
}

// Spoken here, beside x-amz-meta-… and the checksums, which are checked where they are used.
const KNOWN_AMZ = new Set([
  'x-amz-algorithm',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-if-none-match',
  'x-amz-copy-source-if-unmodified-since',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expires',
  'x-amz-metadata-directive',
  'x-amz-mp-object-size',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-signature',
  'x-amz-signedheaders',
  'x-amz-trailer',
  'x-amz-user-agent',
]);

// Spoken with one value only, which is what this server does anyway.
const ONLY_VALUE = new Map([
  ['x-amz-acl', 'private'],
  ['x-amz-storage-class', 'STANDARD'],
]);

/**
 * Refuses what the server does not do, by name: encryption, tags, locks, sessions … Ignoring such a wish would be
 * worse than refusing it, for the client would believe it fulfilled.
 */
export function checkAmzParameters(parameters: Iterable<readonly [string, string]>): void {
  for (const [name, value] of parameters) {
    const isKnown = KNOWN_AMZ.has(name) || name.startsWith('x-amz-meta-') || name.startsWith('x-amz-checksum-');
    if (!isKnown && ONLY_VALUE.get(name) !== value) {
      throw new S3Error('NotImplemented', `${name} is not implemented by this server.`);
    }
  }
}
