import type { DbPool } from '../db/pool.ts';
import { SharedReads } from '../db/shared-reads.ts';
import { AppError } from '../errors.ts';
import { JOB_COLUMNS, type JobRow } from './job-dto.ts';
import { withWaiting } from './job-waiting.ts';
import { isUuid } from './paging.ts';

const reads = new SharedReads<JobRow>();

/** One job of a figura. @throws AppError `job_not_found` */
export async function findJob(pool: DbPool, figura: string, id: string): Promise<JobRow> {
  if (!isUuid(id)) throw notFound(figura, id);
  return reads.ask(`${figura}/${id}`, () => readJob(pool, figura, id));
}

async function readJob(pool: DbPool, figura: string, id: string): Promise<JobRow> {
  const { rows } = await pool.query(`select ${JOB_COLUMNS} from carga.jobs j where j.id = $1 and j.figura = $2`, [
    id,
    figura,
  ]);
  if (!rows[0]) throw notFound(figura, id);
  const [job] = await withWaiting(pool, [rows[0] as JobRow]);
  return job as JobRow;
}

function notFound(figura: string, id: string): AppError {
  return new AppError('job_not_found', `no job ${id} of ${figura}`, { details: { id } });
}
