import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { ensureWebBuild } from '#embedded/build-web.ts';
import type { Child, Exit } from '#embedded/child.ts';
import { childEnvironment, startWeb, startWorker, untilReady } from '#embedded/launcher.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#embedded/postgres.ts';
import { provideBucket } from '#embedded/services.ts';
import { readLaunchSettings } from '#embedded/settings.ts';
import { makeApplicationRole } from '#lib/db/application-role.ts';
import { prepareDatabase } from '#lib/db/migrate.ts';
import { clearLeftovers, makeDataDirectory } from '#tests/support/leftovers.ts';
import { findLoggedSecrets } from '#tests/support/secrets.ts';

/** A worker or web process of a stack. */
export interface StackProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Sends a signal, SIGKILL unless told, and for one that ends it waits until it has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** How a stack is set up. */
export interface StackOptions {
  /** 1 unless told; 0 is allowed: the stack then counts as ready once it answers at all. */
  workers?: number;
  /** Further variables of every process. */
  env?: Record<string, string>;
  /** Major version of PostgreSQL: 18 unless told; 15 is Debian's, where installed. */
  postgresVersion?: 15 | 18;
  /** Web and workers as a role that an operator made, with no more rights than he was told to give it. */
  hasOwnRole?: boolean;
  /** false takes the web application as it was built last, whatever its source says now. */
  build?: boolean;
}

/** The whole product on real parts: PostgreSQL, S3, the built web application, workers; each its own process. */
export interface Stack {
  /** Address of the web application, without a slash at its end. */
  url: string;
  /** An administrator's. */
  apiKey: string;
  administrator: { email: string; password: string };
  /** The superuser's, by which tests make tables and look into all of them. */
  databaseUrl: string;
  /** What web and workers are given. */
  applicationUrl: string;
  s3: { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  workers: StackProcess[];
  /** The web process that runs now. */
  readonly web: StackProcess;
  /** The PostgreSQL that runs now. */
  readonly postgres: EmbeddedPostgres;
  /** Folder of data and of the processes' logs. */
  dataDirectory: string;
  startWorker(env?: Record<string, string>): StackProcess;
  /** Ends a worker (`kill -9` unless told) and starts another in its place. */
  restartWorker(worker: StackProcess, signal?: NodeJS.Signals): Promise<StackProcess>;
  /** Ends the web process and starts it again on the same port. */
  restartWeb(signal?: NodeJS.Signals): Promise<void>;
  /** Starts PostgreSQL again on its port after it was killed. */
  restartPostgres(): Promise<void>;
  /** What all processes wrote so far. */
  readLogs(): string;
  stop(): Promise<void>;
}

const OLD_POSTGRES = '/usr/lib/postgresql/15';
const STOP_LIMIT_MS = 15_000;
// Ended by these, a process is gone; after others (SIGSTOP, SIGCONT) it is still there.
const ENDING = new Set<NodeJS.Signals>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']);

/** Starts the product for tests. Stop it in `afterAll`; its processes end with the test process whatever happens. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  await clearLeftovers();
  if (options.build !== false) await ensureWebBuild(() => {});
  const dataDirectory = makeDataDirectory('stack');
  const stops = new AsyncDisposableStack();
  stops.defer(() => fs.rmSync(dataDirectory, { recursive: true, force: true }));
  try {
    return await bringUp(dataDirectory, stops, options);
  } catch (error) {
    await stops.disposeAsync();
    throw error;
  }
}

async function bringUp(dataDirectory: string, stops: AsyncDisposableStack, options: StackOptions): Promise<Stack> {
  const apiKey = `carga_test_${randomBytes(24).toString('base64url')}`;
  const administrator = { email: 'admin@localhost', password: randomBytes(12).toString('base64url') };
  const settings = await readLaunchSettings({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PORT: '0',
    CARGA_DATA_DIR: dataDirectory,
    CARGA_TEMP_DIR: path.join(dataDirectory, 'temp'),
    CARGA_API_KEY: apiKey,
    CARGA_ADMIN_EMAIL: administrator.email,
    CARGA_ADMIN_PASSWORD: administrator.password,
    ...options.env,
  });

  let port: number | undefined;
  const startPostgres = async () => {
    const installation = options.postgresVersion === 15 ? OLD_POSTGRES : undefined;
    const server = await startEmbeddedPostgres({ dataDirectory, port, installation });
    port = Number(new URL(server.url).port);
    return server;
  };
  let postgres = await startPostgres();
  stops.defer(() => postgres.stop());
  if (!options.hasOwnRole) await makeApplicationRole(postgres.url);
  const applicationUrl = options.hasOwnRole
    ? await prepareDatabase(await makeRole(postgres.url), postgres.url)
    : await prepareDatabase(postgres.url);
  const bucket = await provideBucket(settings);
  stops.defer(() => bucket.stop());

  const environment = childEnvironment(settings, { DATABASE_URL: applicationUrl, ...bucket.environment });
  const children: Child[] = [];
  stops.defer(async () => {
    await Promise.all(children.map((child) => child.stop(STOP_LIMIT_MS)));
  });
  const start = (child: Child): StackProcess => {
    children.push(child);
    return asStackProcess(child);
  };
  const logFile = (name: string) => path.join(dataDirectory, `${name}-${children.length}.log`);
  const startOneWeb = () => start(startWeb({ environment, logFile: logFile('web') }));
  const startOneWorker = (env: Record<string, string> = {}) =>
    start(startWorker({ environment: { ...environment, ...env }, logFile: logFile('worker') }));
  const readLogs = () =>
    (fs.readdirSync(dataDirectory) as string[])
      .filter((file) => file.endsWith('.log'))
      .map((file) => fs.readFileSync(path.join(dataDirectory, file), 'utf8'))
      .join('\n');
  const workers = Array.from({ length: options.workers ?? 1 }, () => startOneWorker());
  const untilAnswers = async (web: StackProcess) => {
    const given = new AbortController();
    const died = web.exited.then(() => Promise.reject(new Error('the web server ended')));
    const path = workers.length > 0 ? 'ready' : 'live';
    await Promise.race([untilReady({ ...settings, path }, given.signal), died])
      .catch((error) => Promise.reject(new Error(`${error.message}\n${readLogs()}`, { cause: error })))
      .finally(() => given.abort());
  };
  let web = startOneWeb();
  await untilAnswers(web);

  const replace = async (worker: StackProcess, signal: NodeJS.Signals = 'SIGKILL') => {
    await worker.kill(signal);
    const next = startOneWorker();
    workers.splice(workers.indexOf(worker), 1, next);
    return next;
  };
  const s3 = {
    endpoint: environment.AWS_ENDPOINT_URL_S3 as string,
    region: environment.AWS_REGION as string,
    bucket: environment.S3_BUCKET as string,
    accessKeyId: environment.AWS_ACCESS_KEY_ID as string,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY as string,
  };
  const stack: Stack = {
    url: settings.publicUrl,
    apiKey,
    administrator,
    databaseUrl: postgres.url,
    applicationUrl,
    s3,
    workers,
    dataDirectory,
    get web() {
      return web;
    },
    get postgres() {
      return postgres;
    },
    startWorker(env) {
      const worker = startOneWorker(env);
      workers.push(worker);
      return worker;
    },
    restartWorker: replace,
    async restartWeb(signal = 'SIGKILL') {
      await web.kill(signal);
      web = startOneWeb();
      await untilAnswers(web);
    },
    async restartPostgres() {
      postgres = await startPostgres();
    },
    readLogs,
    async stop() {
      // Whatever any test of the suite makes a process write down is looked through here.
      let found: string[] = [];
      try {
        found = findLoggedSecrets(stack);
      } finally {
        await stops.disposeAsync();
      }
      if (found.length > 0) throw new Error(`a secret stands in the logs: ${found.join(', ')}`);
    },
  };
  return stack;
}

/** Makes a role of the application's own. Returns the address with it. */
async function makeRole(ownerUrl: string): Promise<string> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(`create role carga_app login password 'carga_app'`);
  await owner.end();
  const url = new URL(ownerUrl);
  url.username = 'carga_app';
  url.password = 'carga_app';
  return url.href;
}

function asStackProcess(child: Child): StackProcess {
  return {
    pid: child.pid,
    exited: child.exited,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      if (ENDING.has(signal)) await child.exited;
    },
  };
}
