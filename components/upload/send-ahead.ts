import { convertedName } from '#components/jobs/file-name.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { putBytes } from '#lib/api-client/put-bytes.ts';
import { isPassing } from '#lib/api-client/upload-file.ts';
import { CANCELLED } from './interruptions.ts';
import { PARQUET_TYPE } from './prepare-file.ts';
import { untilOnline } from './until-online.ts';
import type { WrittenBytes } from './written-bytes.ts';

/** Smaller files go in one request once they are asked for: one part, which is the first that could go ahead. */
const AHEAD_FROM_BYTES = 16 << 20;

/** Some half a minute; after that the rest is sent when it is asked for, where people see what is wrong. */
const TRIES = 8;

/** What is sent ahead, and where to. */
export interface AheadFile {
  figura: string;
  name: string;
  bytes: WrittenBytes;
}

/** What is told of it. */
export interface AheadListeners {
  begun: (figura: string, uploadId: string) => void;
  /** Whole parts that are in the bucket. */
  sent: (bytes: number) => void;
}

/** Parts on their way while the file they are of is still being converted. */
export interface Ahead {
  /** Sends no further part, and waits for the one on its way; a signal cuts that one off too. */
  finish: (onProgress: (sentBytes: number) => void, signal: AbortSignal) => Promise<void>;
  /** Cuts off the part on its way. What is there already stays. */
  stop: () => void;
}

/**
 * Sends the full parts of a file as they become ready, into an upload that grows; the last part and the end are
 * left to `sendFile`, which goes on with it. Whatever goes wrong here ends it without a word: `sendFile` meets the same
 * fault, or sends what is missing.
 */
export function sendAhead(client: ApiClient, file: AheadFile, on: AheadListeners): Ahead {
  const cut = new AbortController();
  const enough = new AbortController();
  const progress: { tell?: (sentBytes: number) => void } = {};
  const ended = sendParts(client, file, on, { cut: cut.signal, enough: enough.signal, progress }).catch(() => {});
  const stop = () => {
    enough.abort();
    cut.abort(CANCELLED);
  };
  return {
    stop,
    async finish(onProgress, signal) {
      progress.tell = onProgress;
      enough.abort();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      await ended;
      signal.removeEventListener('abort', stop);
    },
  };
}

interface Run {
  cut: AbortSignal;
  enough: AbortSignal;
  progress: { tell?: (sentBytes: number) => void };
}

async function sendParts(client: ApiClient, file: AheadFile, on: AheadListeners, run: Run): Promise<void> {
  const { figura, bytes } = file;
  const { enough } = run;
  if ((await unless(enough, bytes.read(AHEAD_FROM_BYTES - 1, 1))) === null) return;
  const { id, multipart } = await begin(client, file, run);
  if (!multipart) return;
  on.begun(figura, id);
  const { partSize } = multipart;
  for (let partNumber = 1; ; partNumber++) {
    const body = await unless(enough, bytes.read((partNumber - 1) * partSize, partSize));
    if (body === null) return;
    await patiently(enough, () => sendPart(client, { figura, id, partNumber, partSize, body }, run));
    on.sent(partNumber * partSize);
  }
}

async function begin(client: ApiClient, { figura, name }: AheadFile, { cut, enough }: Run) {
  const request = { fileName: convertedName(name), contentType: PARQUET_TYPE, growing: true } as const;
  // Without the signal: an answer that nobody waits for would leave an upload behind that nobody knows of.
  const ticket = await patiently(enough, () => client.createUpload(figura, request));
  if (cut.aborted) {
    await client.abortUpload(figura, ticket.id);
    throw cut.reason;
  }
  return ticket;
}

interface AheadPart {
  figura: string;
  id: string;
  partNumber: number;
  partSize: number;
  body: Blob;
}

/** With an address of its own at each try: one that is old, or whose part is there since the answer got lost, is none. */
async function sendPart(client: ApiClient, part: AheadPart, { cut, progress }: Run): Promise<void> {
  const { figura, id, partNumber, partSize, body } = part;
  const { status, multipart } = await client.getUpload(figura, id, { size: partNumber * partSize, signal: cut });
  if (status !== 'open') throw new Error('the upload has ended');
  const url = multipart?.parts.find((other) => other.partNumber === partNumber)?.url;
  if (url === undefined) return;
  const onProgress = (sentBytes: number) => progress.tell?.((partNumber - 1) * partSize + sentBytes);
  await putBytes({ url, headers: {}, body, onProgress, signal: cut });
}

/** Does it again while only the line or the bucket is in the way, until it is enough. */
async function patiently<T>(enough: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || tries === TRIES) throw error;
      await untilOnline(enough);
    }
  }
}

/** What comes, or null once it is enough. */
function unless<T>(enough: AbortSignal, coming: Promise<T | null>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const stop = () => resolve(null);
  enough.addEventListener('abort', stop, { once: true });
  if (enough.aborted) stop();
  return Promise.race([coming, promise]).finally(() => enough.removeEventListener('abort', stop));
}
