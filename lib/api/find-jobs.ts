import type { DbPool } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import { JOB_COLUMNS, type JobRow } from './job-dto.ts';
import { withWaiting } from './job-waiting.ts';
import { isUuid } from './paging.ts';

/** One job of a figura. @throws AppError `job_not_found` */
export async function findJob(pool: DbPool, figura: string, id: string): Promise<JobRow> {
  const rows = isUuid(id)
    ? (await pool.query(`select ${JOB_COLUMNS} from carga.jobs j where j.id = $1 and j.figura = $2`, [id, figura])).rows
    : [];
  if (!rows[0]) throw new AppError('job_not_found', `no job ${id} of ${figura}`, { details: { id } });
  const [job] = await withWaiting(pool, [rows[0] as JobRow]);
  return job as JobRow;
}
