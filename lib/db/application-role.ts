import { createHmac } from 'node:crypto';
import { ident, literal, qualified } from './identifiers.ts';
import { openClient } from './pool.ts';
import { isDatabaseError, SQLSTATE } from './sqlstate.ts';
import { withTransaction } from './transaction.ts';

/** What web and workers are on the embedded PostgreSQL: its superuser could change the audit. */
const ROLE = 'carga_app';
/** First version with a role that may lock, analyse and refresh everything: what triggers of a table may do. */
const MAINTAINING_VERSION = 170_000;

/** The application's address beside the superuser's. Its password follows from the other, so only one has to be kept. */
function addressBeside(superuserUrl: string): { url: string; password: string } {
  const url = new URL(superuserUrl);
  const password = createHmac('sha256', decodeURIComponent(url.password)).update(ROLE).digest('base64url');
  url.username = ROLE;
  url.password = password;
  return { url: url.href, password };
}

/**
 * Makes the application's role in the embedded PostgreSQL, or gives the one there what it needs: every table that
 * anybody makes there, at any time, is its to load, and none its to change. Rights on Carga's own tables come with the
 * migrations. Nothing may be loading meanwhile.
 */
export async function makeApplicationRole(superuserUrl: string): Promise<void> {
  const db = await openClient({ connectionString: superuserUrl, applicationName: 'carga-migrate' });
  try {
    await withTransaction(db, async () => {
      const { rows } = await db.query(
        `select exists (select from pg_roles where rolname = $1) as exists, current_setting('server_version_num')::int as version`,
        [ROLE],
      );
      const [{ exists, version }] = rows;
      const { password } = addressBeside(superuserUrl);
      if (!exists) await db.query(`create role ${ident(ROLE)}`);
      // A table with row level security is loaded whole, as its owner would.
      await db.query(`alter role ${ident(ROLE)} login bypassrls password ${literal(password)}`);
      // They name no table: what is made later is covered, and no backup of a table speaks of this role.
      const roles = ['pg_read_all_data', 'pg_write_all_data'];
      if (version >= MAINTAINING_VERSION) roles.push('pg_maintain');
      await db.query(`grant ${roles.join(', ')} to ${ident(ROLE)}`);
      const stages = await db.query(
        `select relname as name from pg_class
          where relnamespace = to_regnamespace('carga_stage') and relkind = 'r' and relowner <> $1::regrole`,
        [ROLE],
      );
      // Left by workers of a release that ran as the superuser.
      for (const { name } of stages.rows) {
        await db.query(`alter table ${qualified('carga_stage', name)} owner to ${ident(ROLE)}`);
      }
    });
  } finally {
    await db.end();
  }
}

/**
 * The address by which web and workers use a database: `databaseUrl`, but for the embedded PostgreSQL's superuser the
 * application's role. Whoever starts one by `database-url` is thus of the same role as the others, whose stages he has
 * to drop and whose sessions he has to end.
 */
export async function findApplicationUrl(databaseUrl: string): Promise<string> {
  const db = await openClient({ connectionString: databaseUrl, applicationName: 'carga-migrate' });
  try {
    // A role that somebody made by hand under this name has no such rights.
    const { rows } = await db.query(
      `select from pg_roles me, pg_roles app
        where me.rolname = current_user and me.rolsuper and app.rolname = $1 and app.rolbypassrls`,
      [ROLE],
    );
    if (rows.length === 0) return databaseUrl;
  } finally {
    await db.end();
  }
  const { url } = addressBeside(databaseUrl);
  try {
    const application = await openClient({ connectionString: url, applicationName: 'carga-migrate' });
    await application.end();
    return url;
  } catch (error) {
    // Not ours: its password is another.
    if (isDatabaseError(error) && error.code === SQLSTATE.invalidPassword) return databaseUrl;
    throw error;
  }
}
