import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

// Written over whatever a client sent under this name, before anything else sees the request.
const ADDRESS_HEADER = 'x-carga-address';

/**
 * Notes on every request of this process where its caller sits: the socket's address. Next's route handlers see no
 * socket, and the `X-Forwarded-For` they see is the client's own claim; it is believed only from `trustedProxies`.
 */
export function noteClientAddresses(trustedProxies: readonly string[]): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[ADDRESS_HEADER] = addressOf(
      request.socket.remoteAddress,
      String(request.headers['x-forwarded-for'] ?? ''),
      trustedProxies,
    );
  });
}

/** The last address on the way that is not one of our proxies: what stands left of it is anybody's claim. */
export function addressOf(
  remoteAddress: string | undefined,
  forwardedFor: string,
  trustedProxies: readonly string[],
): string {
  const way = [...forwardedFor.split(','), remoteAddress ?? '']
    // A server that listens on IPv6 sees IPv4 callers mapped.
    .map((address) => address.trim().replace(/^::ffff:(?=\d+\.)/i, ''))
    .filter(Boolean);
  let address = way.pop() ?? '';
  while (trustedProxies.includes(address) && way.length > 0) address = way.pop() as string;
  return address.slice(0, 100);
}

/** Where the request's caller sits; null where that was not noted. */
export function clientAddress(request: Pick<Request, 'headers'>): string | null {
  return request.headers.get(ADDRESS_HEADER) || null;
}
