import { LaunchError } from '#embedded/launch-error.ts';
import { launchCarga, type RunningCarga } from '#embedded/launcher.ts';
import { MigrationError } from '#lib/db/migrate.ts';
import type { EnvSource } from '#lib/env.ts';
import { createLogger } from '#lib/log.ts';

/** npm hands the terminal's ^C on to us, who had it already: signals this close together are one wish. */
const SAME_WISH_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Launches Carga as the whole of this process: until a signal, a fault, or `work` ends it. Sets the exit code; faults
 * that a person can mend are one line on stderr. `work` runs once everything is ready; what it resolves with is the
 * exit code to end with, null to stay up.
 */
export async function runLaunch(
  source: EnvSource,
  { dev = false, work = async () => null }: { dev?: boolean; work?: (carga: RunningCarga) => Promise<number | null> },
): Promise<void> {
  const abort = new AbortController();
  const asked = Promise.withResolvers<void>();
  let carga: RunningCarga | undefined;
  let askedAt = 0;
  for (const name of SIGNALS) {
    process.on(name, () => {
      const now = Date.now();
      if (askedAt === 0) {
        askedAt = now;
        abort.abort();
        asked.resolve();
      } else if (now - askedAt > SAME_WISH_MS) void carga?.stop();
    });
  }
  try {
    carga = await launchCarga(source, {
      dev,
      say: (line) => process.stdout.write(`${line}\n`),
      log: createLogger({ process: 'launcher' }),
      signal: abort.signal,
    });
    process.stdout.write(`ready ${carga.url}\n`);
    const finished = work(carga).then((code) => code ?? asked.promise.then(() => null));
    const code = await Promise.race([asked.promise, carga.failed, finished]);
    if (code) process.exitCode = code;
  } catch (error) {
    if (!abort.signal.aborted) {
      process.stderr.write(`${explain(error)}\n`);
      process.exitCode = 1;
    }
  }
  await carga?.stop();
  // A request of ours that is still open must not keep the process.
  process.exit();
}

function explain(error: unknown): string {
  if (error instanceof LaunchError || error instanceof MigrationError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
