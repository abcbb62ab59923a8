// The web server as a process of the launcher's: `next start` (or `next dev`) that ends when the launcher is gone.
//   node embedded/web-server.ts start -H 127.0.0.1 -p 3000
import '#lib/process/require-node.ts';
import http from 'node:http';
import { watchParent } from '#lib/process/watch-parent.ts';

/**
 * Files go to the bucket, so a request here is small: whoever takes longer holds a connection and wants nothing, and is
 * answered 408. Node's own limits are 60 s for the headers and 300 s for all of it, looked at every 30 s.
 */
const REQUEST_LIMITS = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 2000 };

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Keeps from Next what it answers with 500: methods that fetch does not know, and paths that cannot be decoded. */
const tidied =
  (listener: http.RequestListener): http.RequestListener =>
  (request, response) => {
    if (!METHODS.includes(request.method ?? '')) {
      response.writeHead(405, { allow: METHODS.join(', '), connection: 'close' }).end();
      return;
    }
    const [path = '', ...query] = (request.url ?? '').split('?');
    try {
      decodeURIComponent(path);
    } catch {
      // A percent sign that begins nothing is one: such a path leads nowhere, and is told so like any other.
      request.url = [path.replaceAll('%', '%25'), ...query].join('?');
    }
    listener(request, response);
  };

// Next makes its server without options; this is the one place where they can be given.
const createServer = http.createServer as (options: http.ServerOptions, listener: http.RequestListener) => http.Server;
http.createServer = ((...[first, second]: [http.ServerOptions | http.RequestListener, http.RequestListener]) =>
  typeof first === 'function'
    ? createServer(REQUEST_LIMITS, tidied(first))
    : createServer({ ...REQUEST_LIMITS, ...first }, tidied(second))) as typeof http.createServer;

// There is nothing to save here, and a new launcher wants the port: no waiting for open requests.
if (process.env.CARGA_SUPERVISED === '1') watchParent(() => process.exit(1));
// Signals reach the server because it runs in this very process; `npx next` would put two in between.
await import('next/dist/bin/next');
