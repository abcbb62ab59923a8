import { z } from 'zod';
import { type Caller, visibleFiguras } from '../access/caller.ts';
import type { DbPool } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import { JOB_COLUMNS, type JobRow } from './job-dto.ts';
import { decodeCursor, isUuid } from './paging.ts';
import type { JobFilter } from './query-schemas.ts';

// As PostgreSQL writes a time with its zone, to the microsecond.
const cursorSchema = z.tuple([
  z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/),
  z.uuid(),
]);

/** One job of a figura. @throws AppError `job_not_found` */
export async function findJob(pool: DbPool, figura: string, id: string): Promise<JobRow> {
  const rows = isUuid(id)
    ? (await pool.query(`select ${JOB_COLUMNS} from carga.jobs j where j.id = $1 and j.figura = $2`, [id, figura])).rows
    : [];
  if (!rows[0]) throw new AppError('job_not_found', `no job ${id} of ${figura}`, { details: { id } });
  return rows[0];
}

/** Position of a job in the list: newest first, ids break ties. Microseconds, so that no job falls between two pages. */
export function jobPosition(row: JobRow & { position: string }): [string, string] {
  return [row.position, row.id];
}

/** Jobs the caller may see, newest first; one more than the limit, to tell whether there is a next page. */
export async function listJobs(
  pool: DbPool,
  caller: Caller,
  filter: JobFilter,
): Promise<(JobRow & { position: string })[]> {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const where = (condition: (parameter: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  const figuras = visibleFiguras(caller);
  if (figuras !== null) where((p) => `j.figura = any(${p}::text[])`, figuras);
  if (filter.figura) where((p) => `j.figura = ${p}`, filter.figura);
  if (filter.status) where((p) => `j.status = any(${p}::carga.job_status[])`, filter.status);
  if (filter.createdBy) where((p) => `j.created_by_name = ${p}`, filter.createdBy);
  if (filter.from) where((p) => `j.created_at >= ${p}::timestamptz`, filter.from);
  if (filter.to) where((p) => `j.created_at < ${p}::timestamptz`, filter.to);
  if (filter.q) {
    if (isUuid(filter.q)) where((p) => `j.id = ${p}::uuid`, filter.q);
    else
      where(
        (p) => `(j.file_name ilike ${p} or j.created_by_name ilike ${p})`,
        `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`,
      );
  }
  const position = decodeCursor(filter.cursor, cursorSchema);
  if (position) {
    values.push(position[0], position[1]);
    conditions.push(`(j.created_at, j.id) < ($${values.length - 1}::timestamptz, $${values.length}::uuid)`);
  }
  values.push(filter.limit + 1);
  const { rows } = await pool.query(
    `select ${JOB_COLUMNS}, j.created_at::text as position from carga.jobs j
      ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
      order by j.created_at desc, j.id desc limit $${values.length}`,
    values,
  );
  return rows;
}
