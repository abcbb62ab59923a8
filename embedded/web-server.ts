// The web server as a process of the launcher's: `next start` (or `next dev`) that ends when the launcher is gone.
//   node embedded/web-server.ts start -H 127.0.0.1 -p 3000
import '#embedded/require-node.ts';
import { watchParent } from '#embedded/parent-watch.ts';

// There is nothing to save here, and a new launcher wants the port: no waiting for open requests.
watchParent(() => process.exit(1));
// Signals reach the server because it runs in this very process; `npx next` would put two in between.
await import('next/dist/bin/next');
