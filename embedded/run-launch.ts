import { LaunchError } from '#embedded/launch-error.ts';
import { launchCarga, type RunningCarga } from '#embedded/launcher.ts';
import { MigrationError } from '#lib/db/migrate.ts';
import type { EnvSource } from '#lib/env.ts';
import { createLogger } from '#lib/log.ts';

/** npm hands the terminal's ^C on to us, who had it already: signals this close together are one wish. */
const SAME_WISH_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a launch is for. */
interface LaunchPurpose {
  dev?: boolean;
  /**
   * Runs once everything is ready, and ends by `signal`. It resolves with the exit code to end with, or null to stay up.
   */
  work?: (carga: RunningCarga, environment: EnvSource, signal: AbortSignal) => Promise<number | null>;
}

/**
 * Launches Carga as the whole of this process: until a signal, a fault, or the purpose ends it. Faults that a person
 * can mend, in reading the environment too, are one line on stderr and exit code 1.
 */
export async function runLaunch(readEnvironment: () => EnvSource, purpose: LaunchPurpose = {}): Promise<void> {
  const { dev = false, work = async () => null } = purpose;
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
    const environment = readEnvironment();
    carga = await launchCarga(environment, {
      dev,
      say: (line) => process.stdout.write(`${line}\n`),
      log: createLogger({ process: 'launcher' }),
      signal: abort.signal,
    });
    process.stdout.write(`ready ${carga.url}\n`);
    const finished = work(carga, environment, abort.signal).then((code) => code ?? asked.promise.then(() => null));
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
