import { UploadError } from './api-error.ts';

/** A file to send: a Blob (a browser's File, Node's openAsBlob), or a stream whose length is known. */
export type UploadSource = Blob | { stream: ReadableStream<Uint8Array>; size: number };

/** A piece of a file, numbered from 1. */
export interface FilePart {
  partNumber: number;
  body: Blob;
}

/**
 * Cuts a source into parts of `partSize` bytes, the last one shorter. A Blob is cut without being read; of a stream no
 * more than one part is gathered at a time. @throws UploadError `size_mismatch` when a stream is not as long as it said.
 */
export async function* fileParts(
  source: UploadSource,
  partSize: number,
  signal?: AbortSignal,
): AsyncGenerator<FilePart> {
  if (source instanceof Blob) {
    for (let from = 0, partNumber = 1; from < source.size || partNumber === 1; from += partSize, partNumber++) {
      yield { partNumber, body: source.slice(from, from + partSize) };
    }
    return;
  }
  let taken = 0;
  let partNumber = 1;
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let gathered = 0;
  const reader = source.stream.getReader();
  // A stream that stalls would otherwise keep the upload waiting after it was given up.
  const stop = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) break;
      taken += value.byteLength;
      if (taken > source.size) throw sizeMismatch(source.size, 'more');
      let rest = value as Uint8Array<ArrayBuffer>;
      while (gathered + rest.byteLength >= partSize) {
        const cut = partSize - gathered;
        pieces.push(rest.subarray(0, cut));
        yield { partNumber: partNumber++, body: new Blob(pieces) };
        pieces = [];
        gathered = 0;
        rest = rest.subarray(cut);
      }
      if (rest.byteLength > 0) pieces.push(rest);
      gathered += rest.byteLength;
    }
    if (taken < source.size) throw sizeMismatch(source.size, 'fewer');
    if (gathered > 0 || partNumber === 1) yield { partNumber, body: new Blob(pieces) };
  } finally {
    signal?.removeEventListener('abort', stop);
    // Also reached when the upload fails half-way: whoever fills the stream must learn that nobody reads on.
    reader.cancel().catch(() => {});
  }
}

function sizeMismatch(size: number, which: 'more' | 'fewer'): UploadError {
  return new UploadError('size_mismatch', `The file has ${which} bytes than the ${size} that were announced.`);
}
