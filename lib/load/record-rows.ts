import type { DbClient } from '../db/pool.ts';
import type { LoadPlan } from './load-plan.ts';

/** How many rows need a word each. A row that is both refused and repeated counts as refused. */
export interface FaultyRowCounts {
  rejected: number;
  skipped: number;
}

/** Counts the session's list by row. */
export async function countFaultyRows(db: DbClient): Promise<FaultyRowCounts> {
  const { rows } = await db.query(
    `select count(*) filter (where refused) as rejected, count(*) filter (where not refused) as skipped
       from (select bool_or(status = 'ER') as refused from pg_temp.row_faults group by n) as by_row`,
  );
  return { rejected: Number(rows[0].rejected), skipped: Number(rows[0].skipped) };
}

/** Writes the session's list to the stage area, one line per row, inside the transaction that ends the job. */
export async function recordRows(db: DbClient, plan: LoadPlan, fileColumns: readonly string[]): Promise<void> {
  await db.query(
    `insert into carga.stage_area (batch, schema_name, table_name, columns, data, status, status_message, row_number, faults)
     select $1::uuid, $2, $3, $4::text[], coalesce(d.data, '{}'::jsonb), f.status,
            left(f.words, 2000), f.n, f.faults
       from (select n,
                    case when bool_or(status = 'ER') then 'ER' else 'SK' end::carga.stage_status as status,
                    string_agg(concat_ws(': ', source, code, message), '; ') as words,
                    jsonb_agg(jsonb_build_object('column', source, 'code', code, 'message', message, 'value', value)
                              order by status desc, source, message) as faults
               from pg_temp.row_faults group by n) as f
       left join pg_temp.row_data d on d.n = f.n
      order by f.n`,
    [plan.jobId, plan.schemaName, plan.tableName, fileColumns],
  );
}
