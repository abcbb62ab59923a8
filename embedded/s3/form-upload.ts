import type { ServerResponse } from 'node:http';
import { ByteReader } from './byte-reader.ts';
import { checkChecksumFormat, checksumHeaders, findChecksum } from './checksums.ts';
import { type S3Store, sendEmpty, sendXml } from './exchange.ts';
import { collectObjectHeaders } from './object-headers.ts';
import { checkPolicy } from './post-policy.ts';
import { S3Error } from './s3-error.ts';
import { checkAmzParameters, checkKeyLength, header, type S3Request, toHeaderValue } from './s3-request.ts';
import { verifyPolicySignature } from './signature-v4.ts';
import { type StoredObject, wholeObject } from './stored-object.ts';
import { VerifiedBody } from './verified-body.ts';
import { writeXml } from './xml.ts';

// S3 allows 20 kB before the file; a policy with many conditions in base64 may need somewhat more.
const MAX_FIELDS_BYTES = 64 * 1024;
const MAX_HEADER_LINE_BYTES = 4 * 1024;
// A closing delimiter's dashes and line end, and what mail programs are known to add.
const MAX_EPILOGUE_BYTES = 16;

const UNSUPPORTED_FIELDS = ['tagging', 'redirect', 'success_action_redirect'];

/** Tells whether a request is a form with a policy, whose credentials are in the body instead of in the request. */
export function isFormUpload(request: S3Request): boolean {
  const isForm = /^multipart\/form-data\b/i.test(header(request, 'content-type') ?? '');
  return request.method === 'POST' && isForm && request.key === '' && request.query.size === 0;
}

/** Takes a file from an HTML form, as far as the form's signed policy allows it. */
export async function uploadForm(request: S3Request, response: ServerResponse, store: S3Store): Promise<void> {
  const boundary = readBoundary(request);
  if (request.incoming.headers.expect !== undefined) response.writeContinue();
  const reader = new ByteReader(request.incoming.iterator({ destroyOnReturn: false }));
  try {
    const { fields, fileName } = await readFields(reader, boundary);
    verifyPolicySignature(fields, store.credentials);
    const key = (fields.get('key') ?? '').replace(/\$\{filename\}/g, () => fileName);
    if (key === '') throw new S3Error('InvalidArgument', 'Bucket POST must contain a field named key.');
    checkKeyLength(key);
    fields.set('key', key);
    const bounds = checkPolicy(fields.get('policy') ?? '', fields, request.bucket);
    checkSupported(fields);
    if (!store.objects.hasBucket(request.bucket)) {
      throw new S3Error('NoSuchBucket', 'The specified bucket does not exist.');
    }
    const headerFields = [...fields].map(([name, value]) => [name, toHeaderValue(value)] as const);
    const headers = collectObjectHeaders(headerFields);
    const checksum = findChecksum(headerFields);
    if (checksum !== undefined) checkChecksumFormat(checksum.algorithm, checksum.value);
    const body = new VerifiedBody(readFile(reader, boundary), {
      minBytes: bounds.minBytes,
      maxBytes: Math.min(bounds.maxBytes, store.maxObjectBytes),
      checksum: checksum && { algorithm: checksum.algorithm, value: () => checksum.value },
    });
    const id = await store.data.write(body);
    const object = wholeObject(key, headers, body, id);
    try {
      await store.objects.put(request.bucket, object);
    } catch (error) {
      await store.data.release(object.segments);
      throw error;
    }
    sendSuccess(request, response, object, fields.get('success_action_status'));
  } finally {
    await reader.close();
  }
}

function readBoundary(request: S3Request): string {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(header(request, 'content-type') ?? '');
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformedForm('it names no boundary');
  return boundary;
}

/** Reads the fields up to the file, leaving the reader at the file's first byte. */
async function readFields(reader: ByteReader, boundary: string) {
  const fields = new Map<string, string>();
  let budget = MAX_FIELDS_BYTES;
  if ((await reader.readLine(MAX_HEADER_LINE_BYTES)) !== `--${boundary}`) throw malformedForm('it begins otherwise');
  for (;;) {
    const { name, fileName } = await readPartHeaders(reader);
    if (name === 'file') return { fields, fileName };
    const chunks: Buffer[] = [];
    budget -= name.length;
    for await (const chunk of reader.readUntil(delimiterOf(boundary))) {
      budget -= chunk.length;
      if (budget < 0) {
        throw new S3Error(
          'MaxMessageLengthExceeded',
          'Your POST request fields preceding the upload file are too large.',
        );
      }
      chunks.push(chunk);
    }
    if (fields.has(name)) throw malformedForm('a field occurs twice');
    fields.set(name, Buffer.concat(chunks).toString('utf8'));
    if ((await reader.readLine(MAX_EPILOGUE_BYTES)) !== '') throw malformedForm('it has no file');
  }
}

async function readPartHeaders(reader: ByteReader): Promise<{ name: string; fileName: string }> {
  let disposition = '';
  // Two lines are usual; a form that sends more than a few is not one of a browser's.
  for (let lines = 0; lines < 8; lines++) {
    const line = await reader.readLine(MAX_HEADER_LINE_BYTES);
    if (line === null) break;
    if (line === '') {
      const name = /;\s*name="([^"]*)"/i.exec(disposition)?.[1];
      const fileName = /;\s*filename="([^"]*)"/i.exec(disposition)?.[1] ?? '';
      if (!name) break;
      // Old browsers send the whole path; only its last piece is the name.
      return { name: name.toLowerCase(), fileName: fileName.split(/[\\/]/).at(-1) ?? '' };
    }
    if (/^content-disposition:\s*form-data\b/i.test(line)) disposition = line;
  }
  throw malformedForm('a field has no name');
}

async function* readFile(reader: ByteReader, boundary: string): AsyncGenerator<Buffer> {
  yield* reader.readUntil(delimiterOf(boundary));
  const epilogue = await reader.readRest(MAX_EPILOGUE_BYTES);
  // S3 overlooks fields behind the file; here the client hears of it.
  if (epilogue?.trim() !== '--') throw malformedForm('the file is not its last field');
}

function delimiterOf(boundary: string): Buffer {
  return Buffer.from(`\r\n--${boundary}`);
}

function checkSupported(fields: ReadonlyMap<string, string>): void {
  checkAmzParameters([...fields].filter(([name]) => name.startsWith('x-amz-')));
  const unsupported = UNSUPPORTED_FIELDS.find((name) => fields.has(name));
  if (unsupported !== undefined || (fields.get('acl') ?? 'private') !== 'private') {
    throw new S3Error('NotImplemented', `${unsupported ?? 'acl'} is not implemented by this server.`);
  }
}

function sendSuccess(request: S3Request, response: ServerResponse, object: StoredObject, wantedStatus?: string): void {
  const etag = `"${object.etag}"`;
  const path = object.key.split('/').map(encodeURIComponent).join('/');
  const location = `http://${request.incoming.headers.host}/${request.bucket}/${path}`;
  const headers = { etag, location, ...checksumHeaders(object.checksums, object.checksumType) };
  if (wantedStatus === '201') {
    const content = { Location: location, Bucket: request.bucket, Key: object.key, ETag: etag };
    sendXml(response, 201, writeXml('PostResponse', content), headers);
  } else {
    sendEmpty(response, wantedStatus === '200' ? 200 : 204, headers);
  }
}

function malformedForm(reason: string): S3Error {
  return new S3Error('MalformedPOSTRequest', `The body of your POST request is not well-formed: ${reason}.`);
}
