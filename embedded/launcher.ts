import { setTimeout as sleep } from 'node:timers/promises';
import { ensureWebBuild } from '#embedded/build-web.ts';
import { type Child, describeExit, type Exit, startChild } from '#embedded/child.ts';
import { LaunchError } from '#embedded/launch-error.ts';
import { keepRunning } from '#embedded/restart.ts';
import { provideBucket, provideDatabase } from '#embedded/services.ts';
import { type LaunchSettings, readLaunchSettings } from '#embedded/settings.ts';
import { prepareDatabase } from '#lib/db/migrate.ts';
import type { EnvSource } from '#lib/env.ts';
import type { Logger } from '#lib/log.ts';

/** How Carga is launched. */
export interface LaunchOptions {
  /** `next dev` instead of a build. */
  dev?: boolean;
  /** Where news for the person at the terminal go, a line each. */
  say: (line: string) => void;
  log: Logger;
  /** Ends a launch that is still under way. */
  signal: AbortSignal;
}

/** Carga, with everything it needs, running. */
export interface RunningCarga {
  /** The address clients use. */
  url: string;
  /** Rejects when a part died that cannot go on. */
  failed: Promise<never>;
  /** Stops in order: web server and worker, bucket, database. Called again, it waits for nobody's work any more. */
  stop(): Promise<void>;
}

/** The first request of `next dev` compiles; a build answers within a second. */
const READY_LIMIT_MS = 120_000;
const READY_POLL_MS = 100;
// Requests that wait for a job (`?wait=`) or stream its events would hold the server for half a minute.
const WEB_STOP_LIMIT_MS = 10_000;
/** A worker hands an unfinished job back when it is asked to end; a merge that is committing may take this long. */
const WORKER_STOP_LIMIT_MS = 30_000;
const HURRIED_STOP_LIMIT_MS = 3_000;
/** The web server's greeting names its own idea of its address; ours is the line beginning with "ready". */
const GREETING = /^(\s*▲|\s*- (Local|Network)|\s*✓|\s*$)/;
/** What a worker has no use for, it is not given. */
const WEB_ONLY = ['CARGA_API_KEY', 'CARGA_ADMIN_EMAIL', 'CARGA_ADMIN_PASSWORD', 'OIDC_CLIENT_SECRET'];

/**
 * Brings up everything that is not configured, applies the migrations, starts the web server and one worker, and
 * resolves once the service answers that it is ready. @throws LaunchError with nothing left running.
 */
export async function launchCarga(source: EnvSource, options: LaunchOptions): Promise<RunningCarga> {
  const { log, signal, say, dev } = options;
  const settings = await readLaunchSettings(source);
  const stops = new AsyncDisposableStack();
  const failure = Promise.withResolvers<never>();
  // Nobody may be listening yet, or any more.
  failure.promise.catch(() => {});
  try {
    const database = await provideDatabase(settings, log, failure.reject);
    stops.defer(() => database.stop());
    signal.throwIfAborted();
    const ownerUrl = settings.databaseUrl ? settings.environment.CARGA_MIGRATION_DATABASE_URL : undefined;
    const databaseUrl = await prepareDatabase(database.url, ownerUrl);
    signal.throwIfAborted();
    const bucket = await provideBucket(settings);
    stops.defer(() => bucket.stop());
    // Last before the processes: what can fail quickly has failed by now.
    if (!dev) await ensureWebBuild(say, signal);
    signal.throwIfAborted();

    const environment = childEnvironment(settings, { DATABASE_URL: databaseUrl, ...bucket.environment });
    const processes = await startProcesses(environment, options, failure.reject);
    stops.defer(() => processes.stop());
    const waiting = new AbortController();
    const ready = untilReady(settings, AbortSignal.any([signal, waiting.signal]));
    await Promise.race([ready, failure.promise]).finally(() => waiting.abort());
    processes.markReady();

    let stopping: Promise<void> | undefined;
    return {
      url: settings.publicUrl,
      failed: failure.promise,
      stop: () => {
        if (stopping) processes.hurry();
        stopping ??= stops.disposeAsync();
        return stopping;
      },
    };
  } catch (error) {
    await stops.disposeAsync();
    throw error;
  }
}

/** What the processes are told: the caller's variables, and where the services are. */
export function childEnvironment(settings: LaunchSettings, services: Record<string, string>): Record<string, string> {
  // The owner's rights are the launcher's, for migrations: no process that serves anybody is to have them.
  const { CARGA_MIGRATION_DATABASE_URL: _owner, ...environment } = settings.environment;
  return {
    ...environment,
    ...services,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    CARGA_DATA_DIR: settings.dataDirectory,
    HOST: settings.host,
    PORT: String(settings.port),
    PUBLIC_URL: settings.publicUrl,
    AUTH_SECRET: settings.authSecret,
  };
}

/** Where a process listens, what it is told, and where its words go instead of the terminal. */
interface ProcessOptions {
  environment: Record<string, string>;
  logFile?: string;
}

/** Starts the web server; tests start theirs so as well. */
export function startWeb({ environment, logFile, dev }: ProcessOptions & { dev?: boolean }): Child {
  const { HOST, PORT } = environment;
  return startChild({
    script: 'embedded/web-server.ts',
    args: [dev ? 'dev' : 'start', '-H', HOST as string, '-p', PORT as string],
    env: dev ? { ...environment, NODE_ENV: 'development' } : environment,
    keepLine: (line) => dev || !GREETING.test(line),
    logFile,
  });
}

// Rows pass through a worker in buffers of 64 KB. glibc gives those back at once that it maps one by one; else a worker
// kept what its first large file had taken (204 MB after 10M rows instead of 166). Other systems do not mind the name.
// What V8 makes new is short-lived: in 4 MB instead of 16 it is looked through before it piles up (156 MB instead of
// 187, in the same time). `npm run worker` says both the same.
const WORKER_MEMORY = {
  env: { MALLOC_MMAP_THRESHOLD_: '65536' },
  nodeArgs: ['--max-semi-space-size=4'],
};

/** Starts one worker; tests start theirs so as well. */
export function startWorker({ environment, logFile }: ProcessOptions): Child {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !WEB_ONLY.includes(name)));
  return startChild({
    script: 'worker/main.ts',
    nodeArgs: WORKER_MEMORY.nodeArgs,
    env: { ...WORKER_MEMORY.env, ...env },
    logFile,
  });
}

async function startProcesses(
  environment: Record<string, string>,
  { dev, log }: LaunchOptions,
  fail: (error: unknown) => void,
) {
  let isReady = false;
  let isStopping = false;
  const web = startWeb({ environment, dev });
  void web.exited.then((exit) => {
    if (!isStopping) fail(new LaunchError(`The web server ${describeExit(exit)}.`));
  });
  const onWorkerEnd = (end: unknown, delayMs: number) => {
    const words = `the worker ${describeExit(end as Exit)}`;
    // A worker that does not come up says why; starting it again and again would only bury that.
    if (!isReady) fail(new LaunchError(`At the start ${words}.`));
    else log.error(`${words}; starting it again`, { ...(end as Exit), delayMs });
  };
  const worker = await keepRunning(() => startWorker({ environment }), onWorkerEnd, fail);
  const stopBoth = (webLimitMs: number, workerLimitMs: number) => {
    isStopping = true;
    const lastWorker = worker.release();
    // The web server takes no more requests from this moment; its last answers and the worker's drain go on together.
    return Promise.all([web.stop(webLimitMs), lastWorker.then((last) => last.stop(workerLimitMs))]);
  };
  return {
    markReady: () => {
      isReady = true;
    },
    hurry: () => void stopBoth(HURRIED_STOP_LIMIT_MS, HURRIED_STOP_LIMIT_MS),
    stop: async () => {
      await stopBoth(WEB_STOP_LIMIT_MS, WORKER_STOP_LIMIT_MS);
    },
  };
}

/** Where readiness is asked: "ready" looks at database, bucket and workers, "live" only at the web server itself. */
interface HealthAddress extends Pick<LaunchSettings, 'host' | 'port'> {
  path?: 'ready' | 'live';
}

/** Waits until the service says that it is ready. @throws LaunchError after two minutes */
export async function untilReady({ host, port, path = 'ready' }: HealthAddress, signal: AbortSignal): Promise<void> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  const address = `http://${name}:${port}/api/health/${path}`;
  const deadline = Date.now() + READY_LIMIT_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    try {
      const timeout = AbortSignal.timeout(deadline - Date.now());
      const response = await fetch(address, { signal: AbortSignal.any([timeout, signal]), redirect: 'manual' });
      if (response.status === 200) return;
      last = `${response.status} ${(await response.text()).slice(0, 500)}`;
    } catch (error) {
      // The server does not listen yet; an abort is noticed below.
      last = String((error as Error).cause ?? error);
    }
    await sleep(READY_POLL_MS, undefined, { signal });
  }
  throw new LaunchError(`Carga is not ready after ${READY_LIMIT_MS / 1000} s: ${last}`);
}
