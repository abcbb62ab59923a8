import fs from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#embedded/postgres.ts';
import { applyMigrations } from '#lib/db/migrate.ts';
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
const SERVERS: { version: number; installation?: string }[] = [
  { version: 18 },
  ...(fs.existsSync(path.join(OLDEST.installation, 'bin/initdb')) ? [OLDEST] : []),
];

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
    for (const { version, installation } of SERVERS) running.push(await startServer(version, installation));
  } catch (error) {
    await stopAll();
    throw error;
  }
  project.provide('postgresTemplates', Object.fromEntries(running.map(({ version, server }) => [version, server.url])));
  return stopAll;
}

async function startServer(version: number, installation?: string): Promise<Running> {
  const dataDirectory = makeDataDirectory(`postgres-${version}`);
  const server = await startEmbeddedPostgres({ dataDirectory, installation, settings: SETTINGS });
  await applyMigrations(server.url);
  return { version, dataDirectory, server };
}
