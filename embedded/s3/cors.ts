import type { IncomingMessage, ServerResponse } from 'node:http';
import { CHECKSUM_ALGORITHMS } from './checksums.ts';
import { S3Error } from './s3-error.ts';

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];

// A script sees no other headers of an answer; without ETag no browser could complete a multipart upload.
const EXPOSED_HEADERS = [
  'etag',
  'accept-ranges',
  'content-range',
  'content-disposition',
  'x-amz-request-id',
  ...CHECKSUM_ALGORITHMS.map((algorithm) => `x-amz-checksum-${algorithm}`),
].join(', ');

// Ten minutes: parts of one upload then cost one preflight, and a changed list of origins is noticed soon.
const PREFLIGHT_SECONDS = 600;

/**
 * Lets scripts of the listed origins read the answer. Each origin is compared whole and `*` means nothing, so a
 * foreign page can never read what a leaked URL gives, even from inside the network.
 */
export function addCorsHeaders(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  response.setHeader('vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
}

/** Answers a preflight; one from an origin that is not listed, or for a method that does not exist, is refused. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const method = request.headers['access-control-request-method'];
  if (!response.hasHeader('access-control-allow-origin') || method === undefined || !METHODS.includes(method)) {
    throw new S3Error('AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  }
  response.setHeader('access-control-allow-methods', METHODS.join(', '));
  // Any header may be asked for, as the signature decides which of them count.
  const headers = request.headers['access-control-request-headers'];
  if (headers !== undefined) response.setHeader('access-control-allow-headers', headers);
  response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  response.writeHead(204).end();
}
