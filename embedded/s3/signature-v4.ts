import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { S3Error } from './s3-error.ts';
import { decode, header, type S3Request } from './s3-request.ts';

/** The one account this server knows. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

/** What a valid signature says about the request, and what the signatures of its chunks build on. */
export interface VerifiedSignature {
  /** How the body is covered: the value of `x-amz-content-sha256`. */
  payload: string;
  signingKey: Buffer;
  timestamp: string;
  scope: string;
  signature: string;
}

interface SignatureClaim {
  credential: string;
  signedHeaders: string;
  signature: string;
  timestamp: string;
  payload: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

// S3's own limits: clocks may differ by a quarter of an hour, and a presigned address lives a week at most.
const MAX_CLOCK_SKEW_MS = 15 * 60 * 1000;
const MAX_PRESIGNED_SECONDS = 7 * 24 * 60 * 60;

/** Verifies the signature of a request, in its headers or in its query, or throws; nothing is anonymous. */
export function verifyRequestSignature(request: S3Request, credentials: Credentials): VerifiedSignature {
  const authorization = header(request, 'authorization');
  const isPresigned = request.query.has('X-Amz-Signature') || request.query.has('X-Amz-Algorithm');
  if (authorization !== undefined && isPresigned) {
    throw new S3Error('InvalidArgument', 'Only one way of authentication is allowed.');
  }
  if (authorization === undefined && !isPresigned) throw new S3Error('AccessDenied', 'Access Denied');
  const claim =
    authorization === undefined ? readPresignedClaim(request) : readAuthorizationHeader(request, authorization);
  checkSignedHeaders(request, claim.signedHeaders);
  const { scope, signingKey } = deriveSigningKey(claim.credential, claim.timestamp, credentials);
  // Header values hold one character per byte as it came, so this hashes the very bytes that were sent.
  const canonicalHash = sha256Hex(Buffer.from(canonicalRequest(request, claim), 'latin1'));
  const expected = hmac(signingKey, [ALGORITHM, claim.timestamp, scope, canonicalHash].join('\n'));
  checkSignature(expected, claim.signature);
  const { payload, timestamp, signature } = claim;
  return { payload, signingKey, timestamp, scope, signature };
}

/** Verifies the signature over the policy of an HTML form, from the form's fields (names in lower case). */
export function verifyPolicySignature(fields: ReadonlyMap<string, string>, credentials: Credentials): void {
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new S3Error('AccessDenied', `The form has no field ${name}.`);
    return value;
  };
  const policy = field('policy');
  if (field('x-amz-algorithm') !== ALGORITHM) throw new S3Error('InvalidArgument', `Only ${ALGORITHM} is supported.`);
  const { signingKey } = deriveSigningKey(field('x-amz-credential'), field('x-amz-date'), credentials);
  checkSignature(hmac(signingKey, policy), field('x-amz-signature'));
}

/** Compares in a time that tells nothing, or throws `SignatureDoesNotMatch`. */
export function checkSignature(expected: Buffer, signatureHex: string): void {
  // Compared as text: decoding hexadecimal is lenient and would take a signature with something behind it.
  const wanted = Buffer.from(expected.toString('hex'));
  const given = Buffer.from(signatureHex);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new S3Error('SignatureDoesNotMatch', 'The signature does not match what the server computes.');
  }
}

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function readAuthorizationHeader(request: S3Request, authorization: string): SignatureClaim {
  const [algorithm, rest = ''] = authorization.split(/\s+(.*)/s);
  const values = new Map(rest.split(',').map((item) => item.trim().split(/=(.*)/s) as [string, string]));
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((n) => values.get(n));
  if (algorithm !== ALGORITHM || !credential || !signedHeaders || !signature || values.size !== 3) {
    throw new S3Error('AuthorizationHeaderMalformed', `The authorization header is not a well-formed ${ALGORITHM}.`);
  }
  const timestamp = header(request, 'x-amz-date') ?? '';
  const payload = header(request, 'x-amz-content-sha256');
  if (payload === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  if (Math.abs(Date.now() - parseTimestamp(timestamp)) > MAX_CLOCK_SKEW_MS) {
    throw new S3Error('RequestTimeTooSkewed', 'The time of the request and the time of the server differ too much.');
  }
  return { credential, signedHeaders, signature, timestamp, payload };
}

function readPresignedClaim(request: S3Request): SignatureClaim {
  const parameter = (name: string): string => {
    const value = request.query.get(name);
    if (!value) throw new S3Error('AuthorizationQueryParametersError', `The query has no ${name}.`);
    return value;
  };
  if (parameter('X-Amz-Algorithm') !== ALGORITHM) {
    throw new S3Error('AuthorizationQueryParametersError', `X-Amz-Algorithm only supports ${ALGORITHM}.`);
  }
  const timestamp = parameter('X-Amz-Date');
  const signedAtMs = parseTimestamp(timestamp);
  const seconds = /^\d{1,9}$/.test(parameter('X-Amz-Expires')) ? Number(parameter('X-Amz-Expires')) : 0;
  if (seconds < 1 || seconds > MAX_PRESIGNED_SECONDS) {
    throw new S3Error('AuthorizationQueryParametersError', 'X-Amz-Expires must be between 1 and 604800 seconds.');
  }
  if (signedAtMs > Date.now() + MAX_CLOCK_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
  if (Date.now() > signedAtMs + seconds * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  const payload = request.amz.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD';
  if (payload.startsWith('STREAMING-')) {
    throw new S3Error('NotImplemented', 'A presigned request cannot be sent in signed chunks.');
  }
  return {
    credential: parameter('X-Amz-Credential'),
    signedHeaders: parameter('X-Amz-SignedHeaders'),
    signature: parameter('X-Amz-Signature'),
    timestamp,
    payload,
  };
}

function parseTimestamp(timestamp: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (match === null) throw new S3Error('AccessDenied', 'X-Amz-Date must be in the form 20130524T000000Z.');
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) || 0;
}

/** The host ties a signature to this server, and an `x-amz-…` header nobody signed may have been slipped in. */
function checkSignedHeaders(request: S3Request, signedHeaders: string): void {
  const signed = new Set(signedHeaders.split(';'));
  if (!signed.has('host')) throw new S3Error('AccessDenied', 'The host header must be signed.');
  const unsigned = Object.keys(request.incoming.headers).find((name) => name.startsWith('x-amz-') && !signed.has(name));
  if (unsigned !== undefined) {
    throw new S3Error('AccessDenied', `There were headers present in the request which were not signed: ${unsigned}`);
  }
}

function deriveSigningKey(credential: string, timestamp: string, credentials: Credentials) {
  const [accessKeyId = '', day = '', region, service, terminator, ...others] = credential.split('/');
  const { region: ownRegion, secretAccessKey } = credentials;
  if (!timingSafeEqual(hash(accessKeyId), hash(credentials.accessKeyId))) {
    throw new S3Error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  }
  if (region !== ownRegion || service !== 's3' || terminator !== 'aws4_request' || others.length > 0) {
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      `The credential must be for the region '${ownRegion}' and for s3.`,
    );
  }
  if (!timestamp.startsWith(`${day}T`)) {
    throw new S3Error('SignatureDoesNotMatch', 'The credential is for another day than the date of the request.');
  }
  const scope = `${day}/${region}/${service}/${terminator}`;
  return { scope, signingKey: scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`)) };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function canonicalRequest(request: S3Request, claim: SignatureClaim): string {
  const path = request.rawPath
    .split('/')
    .map((segment) => encodeStrictly(decode(segment)))
    .join('/');
  const query = [...request.query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encodeStrictly(name), encodeStrictly(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
  const headers = claim.signedHeaders
    .split(';')
    .map((name) => `${name}:${(header(request, name) ?? '').trim().replace(/ +/g, ' ')}\n`)
    .join('');
  return [request.method, path, query, headers, claim.signedHeaders, claim.payload].join('\n');
}

/** Percent-encodes all but the unreserved characters, as the signature wants it. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
