/** How it ends when the other side closed a kept connection just before the request went out on it. */
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * As fetch. A kept connection that the server closed while this process was busy with something else was never an
 * answer: the request is sent once more, on a connection of its own.
 */
export async function fetchAgainIfClosed(url: string | URL, init?: RequestInit): Promise<Response> {
  return fetch(url, init).catch((error: Error) => {
    if (!CLOSED.has((error.cause as { code?: string } | undefined)?.code ?? '')) throw error;
    return fetch(url, init);
  });
}
