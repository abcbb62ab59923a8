import { listAudit, toAuditDto } from '#lib/api/audit-log.ts';
import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { toPage } from '#lib/api/paging.ts';

/** Who changed what, newest first. */
export const GET = route('GET /api/audit', async (call) => {
  const rows = await listAudit(call, call.query);
  const { page, headers } = toPage(rows, call.query.limit, call, toAuditDto, ({ id }) => [String(id)]);
  return json(page, { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/audit');
