import { assembleObject, parseCompletion } from './assemble-object.ts';
import { keyEncoder, MAX_XML_BYTES } from './bucket-routes.ts';
import {
  checksumHeaders,
  defaultChecksumType,
  findChecksum,
  isChecksumTypeAllowed,
  parseChecksumAlgorithm,
} from './checksums.ts';
import { type Exchange, openBody, sendEmpty, sendXml } from './exchange.ts';
import type { MultipartUpload, UploadDescription, UploadedPart } from './multipart-uploads.ts';
import { checksumElements, requestObjectHeaders, writeConditions } from './object-routes.ts';
import { S3Error } from './s3-error.ts';
import { queryInteger, type S3Request } from './s3-request.ts';
import type { StoredObject } from './stored-object.ts';
import { readText } from './verified-body.ts';
import { writeXml } from './xml.ts';

// S3's own limits.
const MAX_PART_NUMBER = 10_000;
const MAX_PAGE = 1000;

export async function createMultipartUpload({ request, response, store }: Exchange): Promise<void> {
  const { bucket, key } = request;
  const checksum = readUploadChecksum(request);
  const headers = requestObjectHeaders(request);
  const upload = await store.uploads.create({ bucket, key, headers, checksum, initiatedMs: Date.now() });
  const xml = writeXml('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: upload.id });
  const chosen: Record<string, string> = {};
  if (checksum !== undefined) {
    chosen['x-amz-checksum-algorithm'] = checksum.algorithm.toUpperCase();
    chosen['x-amz-checksum-type'] = checksum.type;
  }
  sendXml(response, 200, xml, chosen);
}

function readUploadChecksum(request: S3Request): UploadDescription['checksum'] {
  const name = request.amz.get('x-amz-checksum-algorithm');
  const type = request.amz.get('x-amz-checksum-type')?.toUpperCase();
  if (name === undefined) {
    if (type === undefined) return undefined;
    throw new S3Error('InvalidRequest', 'x-amz-checksum-type needs an x-amz-checksum-algorithm.');
  }
  const algorithm = parseChecksumAlgorithm(name);
  if (type === undefined) return { algorithm, type: defaultChecksumType(algorithm) };
  if ((type !== 'COMPOSITE' && type !== 'FULL_OBJECT') || !isChecksumTypeAllowed(algorithm, type)) {
    throw new S3Error('InvalidRequest', `The ${type} checksum type cannot be used with ${algorithm}.`);
  }
  return { algorithm, type };
}

export async function uploadPart(exchange: Exchange): Promise<void> {
  const { response, store } = exchange;
  const upload = findUpload(exchange);
  const partNumber = queryInteger(exchange.request, 'partNumber', 1, MAX_PART_NUMBER);
  if (partNumber === undefined) throw new S3Error('InvalidArgument', 'The query has no partNumber.');
  const body = openBody(exchange, { maxBytes: store.maxObjectBytes, alsoCompute: upload.checksum?.algorithm });
  const id = await store.data.write(body);
  const { size, md5, checksums } = body;
  const part: UploadedPart = { partNumber, segment: { id, size }, md5, checksums, modifiedMs: Date.now() };
  try {
    await store.uploads.putPart(upload, part, store.maxObjectBytes);
  } catch (error) {
    await store.data.release([part.segment]);
    throw error;
  }
  sendEmpty(response, 200, { etag: `"${md5}"`, ...checksumHeaders(checksums) });
}

export async function listParts(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const upload = findUpload(exchange);
  const after = queryInteger(request, 'part-number-marker', 0, MAX_PART_NUMBER) ?? 0;
  const max = Math.min(queryInteger(request, 'max-parts', 1, Number.MAX_SAFE_INTEGER) ?? MAX_PAGE, MAX_PAGE);
  const rest = [...upload.parts.values()]
    .filter((part) => part.partNumber > after)
    .sort((a, b) => a.partNumber - b.partNumber);
  const page = rest.slice(0, max);
  const isTruncated = rest.length > page.length;
  const xml = writeXml('ListPartsResult', {
    Bucket: upload.bucket,
    Key: keyEncoder(request)(upload.key),
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: isTruncated ? page.at(-1)?.partNumber : undefined,
    MaxParts: max,
    IsTruncated: isTruncated,
    ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
    ChecksumType: upload.checksum?.type,
    Part: page.map((part) => {
      const { ChecksumType: _, ...checksums } = checksumElements({ ...part, checksumType: 'FULL_OBJECT' });
      const LastModified = new Date(part.modifiedMs).toISOString();
      return {
        PartNumber: part.partNumber,
        LastModified,
        ETag: `"${part.md5}"`,
        Size: part.segment.size,
        ...checksums,
      };
    }),
  });
  sendXml(response, 200, xml);
}

export async function listMultipartUploads({ request, response, store }: Exchange): Promise<void> {
  const encode = keyEncoder(request);
  const prefix = request.query.get('prefix') ?? '';
  const keyMarker = request.query.get('key-marker') ?? '';
  const idMarker = request.query.get('upload-id-marker') ?? '';
  const max = Math.min(queryInteger(request, 'max-uploads', 1, Number.MAX_SAFE_INTEGER) ?? MAX_PAGE, MAX_PAGE);
  const all = store.uploads.list(request.bucket).filter((upload) => upload.key.startsWith(prefix));
  const markerIndex = all.findIndex((upload) => upload.key === keyMarker && upload.id === idMarker);
  const isBehind = (upload: MultipartUpload) => Buffer.compare(Buffer.from(upload.key), Buffer.from(keyMarker)) > 0;
  const rest =
    markerIndex >= 0 ? all.slice(markerIndex + 1) : all.filter((upload) => keyMarker === '' || isBehind(upload));
  const page = rest.slice(0, max);
  const isTruncated = rest.length > page.length;
  const last = isTruncated ? page.at(-1) : undefined;
  const xml = writeXml('ListMultipartUploadsResult', {
    Bucket: request.bucket,
    Prefix: encode(prefix),
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: last && encode(last.key),
    NextUploadIdMarker: last?.id,
    MaxUploads: max,
    EncodingType: request.query.get('encoding-type'),
    IsTruncated: isTruncated,
    Upload: page.map(({ key, id, initiatedMs }) => ({
      Key: encode(key),
      UploadId: id,
      Initiated: new Date(initiatedMs).toISOString(),
      StorageClass: 'STANDARD',
    })),
  });
  sendXml(response, 200, xml);
}

export async function completeMultipartUpload(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const { bucket, key } = request;
  const id = request.query.get('uploadId') ?? '';
  const body = openBody(exchange, { maxBytes: MAX_XML_BYTES, ignoreChecksum: true });
  const parts = parseCompletion(await readText(body));
  const upload = store.uploads.find(id, bucket, key);
  if (upload === undefined) {
    // The first answer may have been lost on the way; asking again is then answered as before.
    const existing = store.objects.find(bucket, key);
    if (existing?.uploadId === id) return sendCompletion(exchange, existing);
  }
  const object = await store.uploads.complete(upload ?? findUpload(exchange), async () => {
    const assembled = assembleObject(findUpload(exchange), parts, {
      maxObjectBytes: store.maxObjectBytes,
      declaredSize: request.amz.get('x-amz-mp-object-size'),
      declaredChecksum: findChecksum(request.amz),
      declaredChecksumType: request.amz.get('x-amz-checksum-type'),
    });
    store.data.retain(assembled.segments);
    try {
      await store.objects.put(bucket, assembled, writeConditions(request));
    } catch (error) {
      await store.data.release(assembled.segments);
      throw error;
    }
    return assembled;
  });
  sendCompletion(exchange, object);
}

function sendCompletion({ request, response }: Exchange, object: StoredObject): void {
  const xml = writeXml('CompleteMultipartUploadResult', {
    Location: `http://${request.incoming.headers.host}${request.rawPath}`,
    Bucket: request.bucket,
    Key: request.key,
    ETag: `"${object.etag}"`,
    ...checksumElements(object),
  });
  sendXml(response, 200, xml);
}

export async function abortMultipartUpload(exchange: Exchange): Promise<void> {
  await exchange.store.uploads.abort(findUpload(exchange));
  sendEmpty(exchange.response, 204);
}

function findUpload({ request, store }: Exchange): MultipartUpload {
  return store.uploads.get(request.query.get('uploadId') ?? '', request.bucket, request.key);
}
