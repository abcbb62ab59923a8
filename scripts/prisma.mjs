// Runs the Prisma command without downloading an engine: the schema engine comes as WebAssembly from npm
// (prisma/engine/schema-engine.mjs), and commands that need no database get a stand-in that is never called.
//   npm run prisma -- migrate dev --name add_something
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const windows = process.platform === 'win32';
const engine = fileURLToPath(new URL('../prisma/engine/schema-engine.mjs', import.meta.url));
const env = { CHECKPOINT_DISABLE: '1', ...process.env };
// Windows cannot start a script as a binary; there the engine's own download is left in place.
if (!windows) env.PRISMA_SCHEMA_ENGINE_BINARY ??= engine;
const command = createRequire(import.meta.url).resolve('prisma/build/index.js');
const { status } = spawnSync(process.execPath, [command, ...process.argv.slice(2)], { stdio: 'inherit', env });
process.exit(status ?? 1);
