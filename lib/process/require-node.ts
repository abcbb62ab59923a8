// First import of every entry point. npm scripts run under the Node of the lock file; a bare `node embedded/start.ts`
// runs under the machine's. (Node 20 does not even read this file: it knows no TypeScript.)
const REQUIRED_MAJOR = 24;

if (Number(process.versions.node.split('.')[0]) < REQUIRED_MAJOR) {
  const advice = 'Use the npm scripts ("npm start"), or node_modules/.bin/node.';
  process.stderr.write(`Carga needs Node ${REQUIRED_MAJOR}; this is ${process.version}. ${advice}\n`);
  process.exit(1);
}
