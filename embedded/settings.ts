import path from 'node:path';
import { keepSecret, openDataFolder } from '#embedded/data-folder.ts';
import { LaunchError } from '#embedded/launch-error.ts';
import { findFreePort, portFault } from '#embedded/ports.ts';
import { EnvError, type EnvSource, readWebEnv, readWorkerEnv } from '#lib/env.ts';

/** What the launcher goes by; null stands for a part that is not configured and is brought up here. */
export interface LaunchSettings {
  /** Absolute. Made only if something is to be kept in it. */
  dataDirectory: string;
  databaseUrl: string | null;
  bucket: string | null;
  host: string;
  /** Never 0: a free one was chosen. */
  port: number;
  /** Without a slash at its end. */
  publicUrl: string;
  authSecret: string;
  /** The environment of the caller without variables that are set to nothing. */
  environment: Record<string, string>;
}

const WHY_NOT: Record<string, string> = {
  EADDRINUSE: 'is taken by another program; stop it or set PORT',
  EACCES: 'may not be used by this user; set PORT to 1024 or more',
  EADDRNOTAVAIL: 'cannot be used: HOST is no address of this machine',
  ENOTFOUND: 'cannot be used: HOST is no address of this machine',
};

/**
 * Reads what the launcher needs, checks all settings before anything is started, and makes the session secret at the
 * first start. @throws LaunchError naming what is missing or wrong.
 */
export async function readLaunchSettings(source: EnvSource): Promise<LaunchSettings> {
  const environment = withoutEmpty(source);
  // What the launcher itself will provide must not be reported as missing.
  const provided = { DATABASE_URL: 'postgresql://embedded', S3_BUCKET: 'embedded', AUTH_SECRET: 'x'.repeat(32) };
  const env = oneLine(() => {
    const web = readWebEnv({ ...provided, ...environment });
    readWorkerEnv({ ...provided, ...environment });
    return web;
  });
  const port = env.PORT || (await findFreePort(env.HOST));
  const fault = await portFault(port, env.HOST);
  if (fault) throw new LaunchError(`Port ${port} of ${env.HOST} ${WHY_NOT[fault] ?? `cannot be used (${fault})`}.`);

  const dataDirectory = path.resolve(env.CARGA_DATA_DIR);
  const databaseUrl = environment.DATABASE_URL ?? null;
  const bucket = environment.S3_BUCKET ?? null;
  if (!databaseUrl || !bucket) openDataFolder(dataDirectory);
  return {
    dataDirectory,
    databaseUrl,
    bucket,
    host: env.HOST,
    port,
    publicUrl: environment.PUBLIC_URL ? env.PUBLIC_URL : `http://localhost:${port}`,
    authSecret: findAuthSecret(environment, dataDirectory),
    environment,
  };
}

/** The secret that signs sessions: the one that is set, else one that is made once and kept. @throws LaunchError */
export function findAuthSecret(environment: Record<string, string>, dataDirectory: string): string {
  if (environment.AUTH_SECRET) return environment.AUTH_SECRET;
  // Several web servers on one database must share it, and a folder that is lost with its container would sign
  // everybody out: who says "production" of a database of his own has to choose it.
  if (environment.NODE_ENV === 'production' && environment.DATABASE_URL) {
    throw new LaunchError('AUTH_SECRET is not set: production with a database of your own needs one (32 characters).');
  }
  return keepSecret(path.join(openDataFolder(dataDirectory), 'auth-secret'));
}

/** The environment without variables that are set to nothing: compose files and CI systems write unset ones so. */
export function withoutEmpty(source: EnvSource): Record<string, string> {
  return Object.fromEntries(Object.entries(source).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Runs a reader of settings and makes one line of its complaint. */
export function oneLine<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    throw new LaunchError(error.message.replace(/\s*\n\s*/g, ' '), { cause: error });
  }
}
