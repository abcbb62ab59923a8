import type { UploadDto, UploadTicketDto } from '#lib/api/schemas.ts';
import { ApiError, ConnectionError, UploadError } from './api-error.ts';
import { backoffMs, sleep } from './backoff.ts';
import type { ApiClient } from './create-api-client.ts';
import { type FilePart, fileParts, type UploadSource } from './file-parts.ts';
import { putBytes } from './put-bytes.ts';

/** With the pauses of backoff.ts some ten seconds without a connection; after that the user should know. */
const TRIES_PER_PART = 6;

/** An address that has just been signed is not refused for its age: a second refusal has another reason. */
const FRESH_ADDRESSES_PER_PART = 1;

/** Answers of the bucket that say nothing against the same request a little later. */
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** What is sent, and how. */
export interface UploadRequest {
  figura: string;
  source: UploadSource;
  fileName: string;
  contentType?: string;
  /** Hexadecimal; checked by the service. */
  sha256?: string;
  /** Bytes that left so far, of `totalBytes`. They go back when a part has to be sent again. */
  onProgress?: (sentBytes: number, totalBytes: number) => void;
  /** Told each time that something is sent again because the line was cut or the bucket was busy. */
  onRetry?: () => void;
  /** Gives the upload up; what was sent already is removed from the bucket, unless `keepsParts`. */
  signal?: AbortSignal;
  /** Told the upload's id before the first byte leaves; null when its parts cannot be kept. */
  onBegin?: (id: string | null) => void;
  /** Leaves the parts in the bucket when the upload fails or is given up. The service clears them after an hour. */
  keepsParts?: boolean;
  /** Id of an upload of these very bytes that was cut: what the bucket has is not sent again. Begun anew where that is gone. */
  resumeId?: string;
  fetch?: typeof globalThis.fetch;
}

/** A file that lies in the bucket; `url` is what the bulk route takes. */
export interface UploadedFile {
  id: string;
  url: string;
  size: number;
  etag: string | null;
}

/** The calls that an upload needs. */
export type UploadCalls = Pick<ApiClient, 'createUpload' | 'getUpload' | 'completeUpload' | 'abortUpload'>;

/**
 * Puts a file into the bucket: one request, or part after part as the ticket says, each repeated on its own when it
 * fails; addresses that expire meanwhile are asked for anew. When it fails for good or is given up, nothing of it stays
 * in the bucket, unless `keepsParts`.
 * @throws ApiError, ConnectionError, UploadError, or the signal's reason.
 */
export async function uploadFile(client: UploadCalls, request: UploadRequest): Promise<UploadedFile> {
  const { figura, source, signal } = request;
  const cut = await findCutUpload(client, request);
  // Put together, and the answer got lost.
  if (cut?.status === 'complete') return { id: cut.id, url: cut.url, size: source.size, etag: null };
  const ticket =
    cut ??
    (await client.createUpload(
      figura,
      { fileName: request.fileName, size: source.size, contentType: request.contentType, sha256: request.sha256 },
      { signal },
    ));
  const keepsParts = request.keepsParts === true && ticket.multipart !== undefined;
  request.onBegin?.(keepsParts ? ticket.id : null);
  try {
    return ticket.multipart
      ? await sendParts(client, request, ticket, ticket.multipart, cut)
      : await sendWhole(client, request, ticket);
  } catch (error) {
    // Its own call without the signal, which may be what ended the upload. That it fails changes nothing for the
    // caller: the service clears what was left behind.
    if (!keepsParts) await client.abortUpload(figura, ticket.id, { signal: AbortSignal.timeout(5000) }).catch(() => {});
    throw error;
  }
}

/** The upload to go on with; null where there is none that these bytes fit. */
async function findCutUpload(client: UploadCalls, request: UploadRequest): Promise<UploadDto | null> {
  const { figura, source, signal, resumeId } = request;
  if (resumeId === undefined) return null;
  const upload = await client.getUpload(figura, resumeId, { size: source.size, signal }).catch((error) => {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  });
  if (upload?.status === 'complete') return upload;
  if (upload?.status !== 'open' || !upload.multipart) return null;
  // One that grows has no size yet: these bytes are what it grew to.
  return (upload.size ?? source.size) === source.size ? upload : null;
}

async function sendWhole(client: UploadCalls, request: UploadRequest, ticket: UploadTicketDto): Promise<UploadedFile> {
  const { source } = request;
  const progress = createProgress(request);
  const addresses = createAddresses(client, request, ticket);
  for await (const part of fileParts(source, Math.max(1, source.size), request.signal)) {
    const etag = await sendPart(request, part, addresses, progress);
    return { id: ticket.id, url: ticket.url, size: source.size, etag };
  }
  throw new UploadError('no_address', 'The service gave no address to send the file to.');
}

/**
 * One part after the other: wherever it is cut, no more than one part is sent again. With several on their way each of
 * them would be lost; all that is paid for this is a round trip per part.
 */
async function sendParts(
  client: UploadCalls,
  request: UploadRequest,
  ticket: UploadTicketDto,
  multipart: NonNullable<UploadTicketDto['multipart']>,
  cut: UploadDto | null,
): Promise<UploadedFile> {
  const { source } = request;
  const uploaded = cut?.uploaded ?? [];
  const progress = createProgress(request, uploaded);
  const addresses = createAddresses(client, request, ticket);
  const done: { partNumber: number; etag: string }[] = [];
  for await (const part of fileParts(source, multipart.partSize, request.signal)) {
    request.signal?.throwIfAborted();
    const { partNumber, body } = part;
    const there = uploaded.find((other) => other.partNumber === partNumber && other.size === body.size);
    const etag = there?.etag ?? (await sendPart(request, part, addresses, progress));
    if (etag === null) {
      throw new UploadError('etag_hidden', 'The bucket hides the ETag: its CORS rules must expose that header.');
    }
    done.push({ partNumber, etag });
  }
  const size = cut?.size === null ? source.size : undefined;
  return client.completeUpload(request.figura, ticket.id, { parts: done, size }, { signal: request.signal });
}

async function sendPart(
  request: UploadRequest,
  part: FilePart,
  addresses: Addresses,
  progress: Progress,
): Promise<string | null> {
  let renewals = 0;
  for (let tries = 1; ; tries++) {
    const address = addresses.of(part.partNumber);
    try {
      const { etag } = await putBytes({
        ...address,
        body: part.body,
        onProgress: progress && ((sentBytes) => progress(part.partNumber, sentBytes)),
        signal: request.signal,
        fetch: request.fetch,
      });
      progress?.(part.partNumber, part.body.size);
      return etag;
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      progress?.(part.partNumber, 0);
      if (isRefused(error) && renewals < FRESH_ADDRESSES_PER_PART) {
        renewals++;
        // Where that does not help either, the bucket's own words say more.
        await addresses.renew(part.partNumber, address.url).catch(() => Promise.reject(error));
        continue;
      }
      if (tries === TRIES_PER_PART || !isPassing(error)) throw error;
      request.onRetry?.();
      await sleep(backoffMs(tries), request.signal);
    }
  }
}

interface Addresses {
  of(partNumber: number): { url: string; headers: Record<string, string> };
  /** Asks for fresh addresses, unless somebody did since `staleUrl` was handed out. */
  renew(partNumber: number, staleUrl: string): Promise<void>;
}

/** Where each part goes: an address lives for 15 minutes, an upload over a slow line for hours. */
function createAddresses(client: UploadCalls, request: UploadRequest, first: UploadTicketDto): Addresses {
  let ticket: Pick<UploadTicketDto, 'put' | 'multipart'> = first;
  let renewal: Promise<void> | undefined;
  const of: Addresses['of'] = (partNumber) => {
    const url = ticket.multipart?.parts.find((part) => part.partNumber === partNumber)?.url;
    if (url !== undefined) return { url, headers: {} };
    if (ticket.put) return ticket.put;
    throw new UploadError('size_mismatch', `There is no address for part ${partNumber}.`);
  };
  return {
    of,
    async renew(partNumber, staleUrl) {
      if (of(partNumber).url !== staleUrl) return;
      renewal ??= client
        .getUpload(request.figura, first.id, { size: request.source.size, signal: request.signal })
        .then((fresh) => {
          ticket = fresh;
        })
        .finally(() => {
          renewal = undefined;
        });
      await renewal;
    },
  };
}

/** Whether the bucket did not take the address itself, as when it has expired. */
function isRefused(error: unknown): boolean {
  return error instanceof UploadError && error.status === 403;
}

/** Whether the same request may succeed a little later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof UploadError && error.status !== null && PASSING_STATUSES.has(error.status);
}

type Progress = ((partNumber: number, sentBytes: number) => void) | undefined;

/** Adds the parts up. Not even called when nobody asks: fetch sends faster what it need not count. */
function createProgress({ onProgress, source }: UploadRequest, uploaded: UploadDto['uploaded'] = []): Progress {
  if (!onProgress) return undefined;
  const sentByPart = new Map(uploaded.map(({ partNumber, size }) => [partNumber, size]));
  let total = uploaded.reduce((sum, { size }) => sum + size, 0);
  onProgress(total, source.size);
  return (partNumber, sentBytes) => {
    total += sentBytes - (sentByPart.get(partNumber) ?? 0);
    sentByPart.set(partNumber, sentBytes);
    onProgress(total, source.size);
  };
}
