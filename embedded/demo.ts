// `npm run demo`: brings everything up and pushes the sample file through it by the command, as anybody would.
// With `-- --exit` it ends after that, with the command's exit code; otherwise Carga stays up.
import '#lib/process/require-node.ts';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { PROJECT_ROOT } from '#embedded/child.ts';
import { keepSecret, openDataFolder } from '#embedded/data-folder.ts';
import type { RunningCarga } from '#embedded/launcher.ts';
import { runLaunch } from '#embedded/run-launch.ts';
import { withoutEmpty } from '#embedded/settings.ts';
import type { EnvSource } from '#lib/env.ts';

const SAMPLE = 'public/samples/lista_fornecedores.json';
const FIGURA = 'fornecedores';

await runLaunch(withDemoKey, {
  work: async (carga, environment, signal) => {
    const code = await pushSample(carga, environment, signal);
    return process.argv.includes('--exit') ? code : null;
  },
});

/** The caller's key, else one made once and kept: each new one would stay behind in the list of keys. */
function withDemoKey(): Record<string, string> {
  const environment = withoutEmpty(process.env);
  if (environment.CARGA_API_KEY) return environment;
  const folder = openDataFolder(environment.CARGA_DATA_DIR ?? '.carga');
  const create = () => `carga_${randomBytes(32).toString('base64url')}`;
  return { ...environment, CARGA_API_KEY: keepSecret(path.join(folder, 'demo-api-key'), create) };
}

/** Runs `carga push`, which shows the progress, the figures and the address of the job's page. Returns its exit code. */
async function pushSample(carga: RunningCarga, environment: EnvSource, signal: AbortSignal): Promise<number> {
  const args = ['cli/carga.mjs', 'push', FIGURA, SAMPLE];
  process.stdout.write(`\n$ carga ${args.slice(1).join(' ')}\n`);
  const child = spawn(process.execPath, args, {
    cwd: PROJECT_ROOT,
    env: { ...environment, CARGA_URL: carga.url } as unknown as NodeJS.ProcessEnv,
    stdio: 'inherit',
    signal,
  });
  const [code] = await once(child, 'exit');
  return (code as number | null) ?? 1;
}
