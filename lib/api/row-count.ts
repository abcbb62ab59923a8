import { qualified } from '../db/identifiers.ts';
import type { DbPool } from '../db/pool.ts';
import { isDatabaseError, SQLSTATE } from '../db/sqlstate.ts';
import { withPoolTransaction } from '../db/transaction.ts';
import type { TableDescription } from '../figura/figura.ts';
import type { RowCountDto } from './schemas.ts';

// A page waits for it, and a session of the pool is held meanwhile: some hundred million rows on an idle disk.
const COUNT_LIMIT_MS = 20_000;

// The live count follows every load, the planner's only ANALYZE; both are 0 or -1 for a table nobody has looked at.
// Partitions hold the rows of a partitioned table.
const ESTIMATE = `
  select sum(case when coalesce(s.n_live_tup, 0) > 0 then s.n_live_tup
                  when c.reltuples >= 0 then c.reltuples end)::int8 as estimate
    from pg_class c left join pg_stat_all_tables s on s.relid = c.oid
   where c.relkind = 'r' and (c.oid = $1 or c.oid in (select relid from pg_partition_tree($1::oid::regclass)))`;

/** How many rows a table has; counted, or as the database estimates when not asked or when counting takes too long. */
export async function countRows(pool: DbPool, table: TableDescription, isExact: boolean): Promise<RowCountDto> {
  if (isExact) {
    const rowCount = await countExactly(pool, table);
    if (rowCount !== null) return { rowCount, isExact: true };
  }
  const { rows } = await pool.query(ESTIMATE, [table.oid]);
  return { rowCount: rows[0]?.estimate ?? null, isExact: false };
}

async function countExactly(pool: DbPool, { schemaName, tableName }: TableDescription): Promise<number | null> {
  try {
    return await withPoolTransaction(pool, async (db) => {
      await db.query(`set local statement_timeout = ${COUNT_LIMIT_MS}`);
      const { rows } = await db.query(`select count(*) as count from ${qualified(schemaName, tableName)}`);
      return rows[0].count;
    });
  } catch (error) {
    if (isDatabaseError(error) && error.code === SQLSTATE.queryCanceled) return null;
    throw error;
  }
}
