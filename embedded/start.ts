// `npm start`: everything Carga needs, in one command. `--dev` serves the web application by `next dev`.
import '#lib/process/require-node.ts';
import { runLaunch } from '#embedded/run-launch.ts';

await runLaunch(() => process.env, { dev: process.argv.includes('--dev') });
