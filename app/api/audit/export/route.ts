import { Readable } from 'node:stream';
import { recordAudit } from '#lib/access/audit.ts';
import { auditAsCsv } from '#lib/api/audit-log.ts';
import { route } from '#lib/api/handler.ts';
import { contentTypeOf, downloadHeaders, toWebStream } from '#lib/api/job-files.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** The audit as CSV. That it was taken out stands in it. */
export const GET = route('GET /api/audit/export', async ({ prisma, caller, query }) => {
  await recordAudit(prisma, caller, { action: 'audit.exported', target: 'audit', after: { ...query } });
  const headers = downloadHeaders({ fileName: 'carga.audit.csv', contentType: contentTypeOf('csv') });
  return new Response(toWebStream(Readable.from(auditAsCsv({ prisma }, query), { objectMode: false })), { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/audit/export');
