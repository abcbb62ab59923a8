import { type DbClient, type DbPool, openClient } from '../db/pool.ts';

// pg_cancel_backend does nothing to a session that is between two statements.
const CANCEL_INTERVAL_MS = 250;

// What an administrator sets for sessions of people; a load waits for its file, its reader and other loads.
const TIME_LIMITS = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
];

/** A session of its own for the long statements of a load. */
export interface LoadSession {
  db: DbClient;
  /** As PostgreSQL numbers its versions: 180004. */
  serverVersion: number;
  /** Opens one more, for what can be done at the same time. */
  openSibling(): Promise<LoadSession>;
  close(): Promise<void>;
}

/** Opens a session whose statement, whichever runs, is cancelled when `signal` is aborted. */
export async function openLoadSession(
  context: { connectionString: string; applicationName: string; pool: DbPool },
  signal: AbortSignal,
): Promise<LoadSession> {
  const { connectionString, applicationName, pool } = context;
  const db = await openClient({ connectionString, applicationName });
  let cancelling: NodeJS.Timeout | undefined;
  let cancel = () => {};
  const close = async () => {
    signal.removeEventListener('abort', cancel);
    clearInterval(cancelling);
    await db.end().catch(() => {});
  };
  try {
    const { rows } = await db.query('select pg_backend_pid() as pid, current_setting($1)::int as version', [
      'server_version_num',
    ]);
    cancel = () => {
      const send = () => void pool.query('select pg_cancel_backend($1)', [rows[0].pid]).catch(() => {});
      send();
      cancelling = setInterval(send, CANCEL_INTERVAL_MS);
    };
    signal.addEventListener('abort', cancel, { once: true });
    // A text like 01/02/2024 is the first of February whatever the server's own setting (a CSV's dates have been made ISO
    // by then), a session that lost its client is noticed mid-statement, and a scan of the stage begins at its first row.
    await db.query(`select set_config('datestyle', 'ISO, DMY', false), set_config('timezone', 'UTC', false),
                           set_config('client_connection_check_interval', '2s', false),
                           set_config('synchronize_seqscans', 'off', false)`);
    const limits = rows[0].version >= 170_000 ? [...TIME_LIMITS, 'transaction_timeout'] : TIME_LIMITS;
    await db.query(`select set_config(name, '0', false) from unnest($1::text[]) as name`, [limits]);
    signal.throwIfAborted();
    return { db, serverVersion: rows[0].version, openSibling: () => openLoadSession(context, signal), close };
  } catch (error) {
    await close();
    throw error;
  }
}
