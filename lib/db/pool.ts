import pg from 'pg';

// Counts and sizes stay far below 2^53; as strings they would have to be parsed at every use.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** A pool, one of its clients, or a client of its own: whatever runs a query. */
export type Queryable = Pick<pg.ClientBase, 'query'>;
/** A client with a session of its own. */
export type DbClient = pg.ClientBase;
export type DbPool = pg.Pool;

/** Settings every session of ours has. */
export interface ConnectionOptions {
  connectionString: string;
  /** Shown in pg_stat_activity; also how another worker finds the sessions of a dead one. */
  applicationName: string;
}

// Without these a server that vanished (cable, VM) is noticed only after the kernel's own quarter of an hour.
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;
// A database that does not answer within this is treated as away: callers answer 503, workers try again.
const CONNECT_TIMEOUT_MS = 10_000;

function connectionConfig({ connectionString, applicationName }: ConnectionOptions): pg.ClientConfig {
  return {
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...KEEP_ALIVE,
  };
}

/**
 * Makes a pool. Errors of idle clients are swallowed: the next query reports the loss where somebody can act on it.
 * @param options `statementTimeoutMs`: the longest a statement may take; the server's own limit unless told
 */
export function createPool(options: ConnectionOptions & { max: number; statementTimeoutMs?: number }): DbPool {
  const { max, statementTimeoutMs } = options;
  const pool = new pg.Pool({
    ...connectionConfig(options),
    max,
    idleTimeoutMillis: 30_000,
    // Not among the settings a connection begins with: a pooler in between may refuse those.
    onConnect: async (client) => {
      if (statementTimeoutMs !== undefined) await client.query(`set statement_timeout = ${statementTimeoutMs}`);
    },
  });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Opens a session of its own, for what must not share one: loads, LISTEN, advisory locks. */
export async function openClient(options: ConnectionOptions): Promise<pg.Client> {
  const client = new pg.Client(connectionConfig(options));
  client.on('error', () => {});
  await client.connect();
  return client;
}
