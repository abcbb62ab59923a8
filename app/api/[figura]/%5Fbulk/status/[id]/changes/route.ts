import { findJob } from '#lib/api/find-jobs.ts';
import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import type { ChangeDto, PageDto } from '#lib/api/schemas.ts';

/** What a dry run would change: up to 100 rows, with the old and the new value of each column that differs. */
export const GET = route('GET /api/{figura}/_bulk/status/{id}/changes', async ({ pool, params }) => {
  const job = await findJob(pool, params.figura, params.id);
  const { rows } = await pool.query('select changes from carga.jobs where id = $1', [job.id]);
  const page: PageDto<ChangeDto> = { items: rows[0]?.changes ?? [], nextCursor: null };
  return json(page);
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}/changes');
