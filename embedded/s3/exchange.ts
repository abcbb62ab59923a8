import type { ServerResponse } from 'node:http';
import type { DataFiles } from './data-files.ts';
import type { MultipartUploads } from './multipart-uploads.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3Request } from './s3-request.ts';
import type { Credentials, VerifiedSignature } from './signature-v4.ts';
import { type BodyOptions, openRequestBody, type VerifiedBody } from './verified-body.ts';

/** All that requests work on. */
export interface S3Store {
  credentials: Credentials;
  objects: ObjectStore;
  uploads: MultipartUploads;
  data: DataFiles;
  maxObjectBytes: number;
}

/** A request whose signature has been verified, and its answer. */
export interface Exchange {
  store: S3Store;
  request: S3Request;
  signature: VerifiedSignature;
  response: ServerResponse;
}

/** Begins to take the request's body; a client that asked whether it may send is told so only now. */
export function openBody({ request, signature, response }: Exchange, options: BodyOptions): VerifiedBody {
  const body = openRequestBody(request, signature, options);
  if (request.incoming.headers.expect !== undefined) response.writeContinue();
  // From here on the client is silent because it waits: syncing gigabytes may take longer than a silence is allowed to.
  request.incoming.once('end', () => request.incoming.socket.setTimeout(0));
  return body;
}

/** Answers without a body. */
export function sendEmpty(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  // A 204 has no length; for anything else a missing one would make the answer chunked.
  if (status !== 204) response.setHeader('content-length', 0);
  response.writeHead(status, headers).end();
}

/** Answers with an XML document. */
export function sendXml(
  response: ServerResponse,
  status: number,
  xml: string,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(xml);
  response.writeHead(status, { ...headers, 'content-type': 'application/xml', 'content-length': bytes.length });
  response.end(bytes);
}
