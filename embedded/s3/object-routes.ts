import { pipeline } from 'node:stream/promises';
import { parseByteRange } from './byte-range.ts';
import { checksumElement, checksumHeaders, parseChecksumAlgorithm } from './checksums.ts';
import { checkWriteConditions, evaluateReadConditions, isRangeCurrent, type WriteConditions } from './conditions.ts';
import { type Exchange, openBody, sendEmpty, sendXml } from './exchange.ts';
import { collectObjectHeaders } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import { checkKeyLength, decode, header, type S3Request, toHeaderValue } from './s3-request.ts';
import { type StoredObject, wholeObject } from './stored-object.ts';
import { writeXml } from './xml.ts';

// S3's own default.
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

/** Headers of an answer that the query may replace; the signature covers the query, so a signer asked for them. */
const OVERRIDABLE_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

export const OVERRIDE_PARAMETERS = OVERRIDABLE_HEADERS.map((name) => `response-${name}`);

/** The conditions under which a write is wanted. */
export function writeConditions(request: S3Request): WriteConditions {
  return { ifMatch: header(request, 'if-match'), ifNoneMatch: header(request, 'if-none-match') };
}

/** The object headers of a request. */
export function requestObjectHeaders(request: S3Request): Record<string, string> {
  const headers = Object.entries(request.incoming.headers).map(([name, value]) => [name, String(value)] as const);
  // The second map also knows the x-amz-meta-… that a presigner moved into the query.
  return collectObjectHeaders(new Map([...headers, ...request.amz]));
}

export async function putObject(exchange: Exchange): Promise<void> {
  const { request, response, store } = exchange;
  const { bucket, key } = request;
  const conditions = writeConditions(request);
  const headers = requestObjectHeaders(request);
  // Judged again at the commit; here it spares the client from sending a body in vain.
  checkWriteConditions(conditions, store.objects.find(bucket, key));
  const body = openBody(exchange, { maxBytes: store.maxObjectBytes });
  const id = await store.data.write(body);
  const object = wholeObject(key, headers, body, id);
  await commitObject(exchange, object, conditions);
  sendEmpty(response, 200, { etag: `"${object.etag}"`, ...checksumHeaders(object.checksums, 'FULL_OBJECT') });
}

/** Puts an object whose segments this request owns, and lets go of them if that fails. */
async function commitObject({ request, store }: Exchange, object: StoredObject, conditions: WriteConditions) {
  try {
    await store.objects.put(request.bucket, object, conditions);
  } catch (error) {
    await store.data.release(object.segments);
    throw error;
  }
}

/** Copies within the server; the bytes are shared, as they never change. */
export async function copyObject(exchange: Exchange): Promise<void> {
  const { request, response, store } = exchange;
  const from = parseCopySource(request.amz.get('x-amz-copy-source') ?? '');
  const source = store.objects.get(from.bucket, from.key);
  const outcome = evaluateReadConditions(
    {
      ifMatch: request.amz.get('x-amz-copy-source-if-match'),
      ifNoneMatch: request.amz.get('x-amz-copy-source-if-none-match'),
      ifModifiedSince: request.amz.get('x-amz-copy-source-if-modified-since'),
      ifUnmodifiedSince: request.amz.get('x-amz-copy-source-if-unmodified-since'),
    },
    source,
  );
  if (outcome === 'not-modified') throw new S3Error('PreconditionFailed', 'The source has not changed.');
  const directive = request.amz.get('x-amz-metadata-directive') ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw new S3Error('InvalidArgument', 'x-amz-metadata-directive must be COPY or REPLACE.');
  }
  const isOntoItself = from.bucket === request.bucket && from.key === request.key;
  if (isOntoItself && directive === 'COPY') {
    throw new S3Error('InvalidRequest', 'An object can only be copied onto itself with other metadata.');
  }
  const algorithm = request.amz.get('x-amz-checksum-algorithm');
  if (algorithm !== undefined && source.checksums[parseChecksumAlgorithm(algorithm)] === undefined) {
    throw new S3Error('NotImplemented', 'A copy keeps the checksums of its source and gets no others.');
  }
  const copy: StoredObject = {
    ...source,
    key: request.key,
    modifiedMs: Date.now(),
    headers: directive === 'COPY' ? source.headers : requestObjectHeaders(request),
    uploadId: undefined,
  };
  store.data.retain(copy.segments);
  await commitObject(exchange, copy, writeConditions(request));
  const result = { LastModified: new Date(copy.modifiedMs).toISOString(), ETag: `"${copy.etag}"` };
  sendXml(response, 200, writeXml('CopyObjectResult', { ...result, ...checksumElements(copy) }));
}

function parseCopySource(text: string): { bucket: string; key: string } {
  const [path = '', version] = text.split('?');
  if (version !== undefined) throw new S3Error('NotImplemented', 'Objects have no versions in this server.');
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decode(path));
  if (match === null) throw new S3Error('InvalidArgument', 'x-amz-copy-source must be bucket/key.');
  const [, bucket = '', key = ''] = match;
  checkKeyLength(key);
  return { bucket, key };
}

/** An object's checksums as XML elements. */
export function checksumElements({ checksums, checksumType }: Pick<StoredObject, 'checksums' | 'checksumType'>) {
  const elements: Record<string, string> = {};
  for (const [algorithm, value] of Object.entries(checksums)) {
    elements[checksumElement(parseChecksumAlgorithm(algorithm))] = value;
    elements.ChecksumType = checksumType;
  }
  return elements;
}

/** Answers GET and HEAD. */
export async function getObject({ request, response, store }: Exchange): Promise<void> {
  const object = store.objects.get(request.bucket, request.key);
  const outcome = evaluateReadConditions(
    {
      ifMatch: header(request, 'if-match'),
      ifNoneMatch: header(request, 'if-none-match'),
      ifModifiedSince: header(request, 'if-modified-since'),
      ifUnmodifiedSince: header(request, 'if-unmodified-since'),
    },
    object,
  );
  const validators = { etag: `"${object.etag}"`, 'last-modified': new Date(object.modifiedMs).toUTCString() };
  if (outcome === 'not-modified') {
    response.writeHead(304, validators).end();
    return;
  }
  const isWanted = isRangeCurrent(header(request, 'if-range'), object);
  const range = isWanted ? parseByteRange(header(request, 'range'), object.size) : undefined;
  const { start, end } = range ?? { start: 0, end: object.size };
  const headers: Record<string, string | number> = {
    'content-type': DEFAULT_CONTENT_TYPE,
    ...object.headers,
    ...readOverrides(request),
    ...validators,
    'accept-ranges': 'bytes',
    'content-length': end - start,
  };
  if (range !== undefined) headers['content-range'] = `bytes ${start}-${end - 1}/${object.size}`;
  // A client would hold the checksum of the whole against the stretch it got.
  const wantsChecksums = request.amz.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  if (wantsChecksums && range === undefined) {
    Object.assign(headers, checksumHeaders(object.checksums, object.checksumType));
  }
  response.writeHead(range === undefined ? 200 : 206, headers);
  if (request.method === 'HEAD' || start === end) {
    response.end();
    return;
  }
  await pipeline(store.data.read(object.segments, start, end), response);
}

function readOverrides(request: S3Request): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of OVERRIDABLE_HEADERS) {
    const value = request.query.get(`response-${name}`);
    if (value !== undefined) overrides[name] = toHeaderValue(value);
  }
  return overrides;
}

export async function deleteObject({ request, response, store }: Exchange): Promise<void> {
  await store.objects.delete(request.bucket, request.key, writeConditions(request));
  sendEmpty(response, 204);
}
