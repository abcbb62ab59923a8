import { ConnectionError, UploadError } from './api-error.ts';

/** One request to a presigned address of the bucket. */
export interface PutRequest {
  url: string;
  headers: Record<string, string>;
  body: Blob;
  /** Bytes of this body that have left, growing from 0. */
  onProgress?: (sentBytes: number) => void;
  signal?: AbortSignal;
  fetch?: typeof globalThis.fetch;
}

/**
 * Sends one body to the bucket and gives the ETag it got, null where the bucket does not show it.
 * @throws UploadError when the bucket refuses, ConnectionError when it does not answer.
 */
export async function putBytes(request: PutRequest): Promise<{ etag: string | null }> {
  if (request.signal?.aborted) throw request.signal.reason;
  // Browsers tell the progress of a body to XMLHttpRequest only; elsewhere there is none.
  return typeof XMLHttpRequest === 'undefined' || request.fetch ? putByFetch(request) : putByXhr(request);
}

async function putByFetch(request: PutRequest): Promise<{ etag: string | null }> {
  const { url, body, signal } = request;
  const send = request.fetch ?? globalThis.fetch;
  const headers = { ...request.headers };
  const init: RequestInit & { duplex?: 'half' } = { method: 'PUT', headers, signal };
  // A request that ended early would read its body on to the end of the file, and tell of bytes that nobody gets.
  const counting = new AbortController();
  if (request.onProgress) {
    // A counted stream instead of the Blob: the bucket wants the signed length, so it is stated, never chunked.
    headers['content-length'] = String(body.size);
    init.body = body.stream().pipeThrough(countBytes(request.onProgress), { signal: counting.signal });
    init.duplex = 'half';
  } else {
    init.body = body;
  }
  let response: Response;
  try {
    response = await send(url, init);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ConnectionError(url, error);
  } finally {
    counting.abort();
  }
  const text = response.ok ? '' : await response.text().catch(() => '');
  if (!response.ok) throw refusal(response.status, text);
  await response.body?.cancel();
  return { etag: response.headers.get('etag') };
}

function putByXhr(request: PutRequest): Promise<{ etag: string | null }> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    xhr.open('PUT', request.url);
    for (const [name, value] of Object.entries(request.headers)) {
      // Browsers set the length themselves and warn when a page tries to.
      if (name.toLowerCase() !== 'content-length') xhr.setRequestHeader(name, value);
    }
    xhr.upload.onprogress = (event) => request.onProgress?.(event.loaded);
    xhr.onload = () => {
      if (xhr.status < 200 || xhr.status > 299) reject(refusal(xhr.status, xhr.responseText));
      else resolve({ etag: xhr.getResponseHeader('etag') });
    };
    xhr.onerror = () => reject(new ConnectionError(request.url, new Error('the connection failed')));
    xhr.onabort = () => reject(signal?.reason ?? new DOMException('The upload was given up.', 'AbortError'));
    xhr.onloadend = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort, { once: true });
    xhr.send(request.body);
  });
}

function countBytes(onProgress: (sentBytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let sentBytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      sentBytes += chunk.byteLength;
      onProgress(sentBytes);
      controller.enqueue(chunk);
    },
  });
}

/** Buckets answer in XML; its code says whether an address has expired, a length is wrong … */
function refusal(status: number, text: string): UploadError {
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(text)?.[1] ?? `http_${status}`;
  const message = /<Message>([^<]{1,500})<\/Message>/.exec(text)?.[1] ?? `The bucket answered ${status}.`;
  return new UploadError(code, message, status);
}
