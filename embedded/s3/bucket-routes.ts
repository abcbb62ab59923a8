import { type Exchange, openBody, sendEmpty, sendXml } from './exchange.ts';
import type { ListEntry, ListRequest } from './object-index.ts';
import type { ObjectStore } from './object-store.ts';
import { S3Error } from './s3-error.ts';
import { checkKeyLength, queryInteger, type S3Request } from './s3-request.ts';
import { readText } from './verified-body.ts';
import { childText, malformed, parseXml, writeXml, type XmlElement, type XmlTree } from './xml.ts';

// The largest honest document, a completion of 10 000 parts with SHA-256 each, has some 3 MB.
export const MAX_XML_BYTES = 4 * 1024 * 1024;

// S3's own page size, also its limit for one DeleteObjects.
const MAX_KEYS = 1000;

// Each deletion waits for the disk twice; side by side they wait together.
const DELETE_CONCURRENCY = 32;

export async function listBuckets({ response, store }: Exchange): Promise<void> {
  const buckets = store.objects.bucketNames().map(({ name, createdMs }) => ({
    Name: name,
    CreationDate: new Date(createdMs).toISOString(),
  }));
  sendXml(response, 200, writeXml('ListAllMyBucketsResult', { Buckets: { Bucket: buckets } }));
}

export async function createBucket(exchange: Exchange): Promise<void> {
  const { request, response, store } = exchange;
  if (store.objects.hasBucket(request.bucket)) {
    throw new S3Error('BucketAlreadyOwnedByYou', 'The bucket exists already and belongs to you.');
  }
  if (request.incoming.headers['content-length'] !== undefined) {
    const text = await readText(openBody(exchange, { maxBytes: MAX_XML_BYTES }));
    const region = text.trim() === '' ? undefined : childText(parseXml(text), 'LocationConstraint');
    if (region !== undefined && region !== store.credentials.region) {
      throw new S3Error('IllegalLocationConstraintException', `This server is the region ${store.credentials.region}.`);
    }
  }
  await store.objects.createBucket(request.bucket);
  sendEmpty(response, 200, { location: `/${request.bucket}` });
}

export async function headBucket({ response, store }: Exchange): Promise<void> {
  sendEmpty(response, 200, { 'x-amz-bucket-region': store.credentials.region });
}

export async function getBucketLocation({ response, store }: Exchange): Promise<void> {
  const { region } = store.credentials;
  // The oldest region has no name here, in S3 as well.
  sendXml(response, 200, writeXml('LocationConstraint', region === 'us-east-1' ? '' : region));
}

export async function listObjects({ request, response, store }: Exchange): Promise<void> {
  if (request.query.get('list-type') !== '2') {
    throw new S3Error('NotImplemented', 'Only the second version of the listing is implemented: list-type=2.');
  }
  const encode = keyEncoder(request);
  const prefix = request.query.get('prefix') ?? '';
  const delimiter = request.query.get('delimiter') ?? '';
  const token = request.query.get('continuation-token');
  const startAfter = request.query.get('start-after');
  const maxKeys = Math.min(queryInteger(request, 'max-keys', 0, Number.MAX_SAFE_INTEGER) ?? MAX_KEYS, MAX_KEYS);
  const startAfterKey = startAfter === undefined ? undefined : { key: startAfter };
  const after = token === undefined ? startAfterKey : parseToken(token);
  const { entries, isTruncated } = store.objects.list(request.bucket, { prefix, delimiter, maxKeys, after });
  const xml = writeXml('ListBucketResult', {
    Name: request.bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    StartAfter: startAfter === undefined ? undefined : encode(startAfter),
    MaxKeys: maxKeys,
    EncodingType: request.query.get('encoding-type'),
    KeyCount: entries.length,
    IsTruncated: isTruncated,
    ContinuationToken: token,
    NextContinuationToken: isTruncated ? writeToken(entries.at(-1)!) : undefined,
    Contents: entries.flatMap((entry) => ('object' in entry ? [describeObject(entry, encode)] : [])),
    CommonPrefixes: entries.flatMap((entry) =>
      'commonPrefix' in entry ? [{ Prefix: encode(entry.commonPrefix) }] : [],
    ),
  });
  sendXml(response, 200, xml);
}

function describeObject({ object }: Extract<ListEntry, { object: unknown }>, encode: (key: string) => string): XmlTree {
  return {
    Key: encode(object.key),
    LastModified: new Date(object.modifiedMs).toISOString(),
    ETag: `"${object.etag}"`,
    Size: object.size,
    StorageClass: 'STANDARD',
  };
}

/** How keys are written in a listing: as they are, or percent-encoded because XML cannot hold every character. */
export function keyEncoder(request: S3Request): (key: string) => string {
  const encodingType = request.query.get('encoding-type');
  if (encodingType === undefined) return (key) => key;
  if (encodingType !== 'url') throw new S3Error('InvalidArgument', 'encoding-type must be url.');
  return (key) => encodeURIComponent(key).replaceAll('%2F', '/');
}

// A token says where the page ended and nothing more: the listing goes on from there whatever has changed since.
function writeToken(entry: ListEntry): string {
  const position = 'object' in entry ? `k${entry.object.key}` : `p${entry.commonPrefix}`;
  return Buffer.from(position).toString('base64url');
}

function parseToken(token: string): ListRequest['after'] {
  const position = Buffer.from(token, 'base64url').toString();
  if (position.startsWith('k')) return { key: position.slice(1) };
  if (position.startsWith('p')) return { prefix: position.slice(1) };
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect.');
}

export async function deleteObjects(exchange: Exchange): Promise<void> {
  const { request, response, store } = exchange;
  const root = parseXml(await readText(openBody(exchange, { maxBytes: MAX_XML_BYTES })));
  const items = root.children.filter((child) => child.name === 'Object');
  if (root.name !== 'Delete' || items.length === 0 || items.length > MAX_KEYS) throw malformed();
  const isQuiet = childText(root, 'Quiet') === 'true';
  const outcomes: { Deleted?: XmlTree; Error?: XmlTree }[] = [];
  for (let i = 0; i < items.length; i += DELETE_CONCURRENCY) {
    const batch = items.slice(i, i + DELETE_CONCURRENCY);
    outcomes.push(...(await Promise.all(batch.map((item) => deleteOne(store.objects, request.bucket, item)))));
  }
  const xml = writeXml('DeleteResult', {
    Deleted: isQuiet ? undefined : outcomes.flatMap(({ Deleted }) => (Deleted ? [Deleted] : [])),
    Error: outcomes.flatMap(({ Error: failure }) => (failure ? [failure] : [])),
  });
  sendXml(response, 200, xml);
}

async function deleteOne(objects: ObjectStore, bucket: string, item: XmlElement) {
  const key = childText(item, 'Key');
  if (key === undefined || key === '') throw malformed();
  checkKeyLength(key);
  // A version or a condition that was overlooked would delete more than was asked for.
  const unknown = item.children.find((child) => child.name !== 'Key');
  if (unknown !== undefined) {
    return {
      Error: { Key: key, Code: 'NotImplemented', Message: `${unknown.name} is not implemented by this server.` },
    };
  }
  await objects.delete(bucket, key);
  return { Deleted: { Key: key } };
}
