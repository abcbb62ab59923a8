// The routes of the audit; lib/api/routes.ts has them in its list.
import * as queries from './query-schemas.ts';
import { file, json, type RouteSpec } from './route-spec.ts';
import * as schemas from './schemas.ts';

/** Who changed what. */
export const AUDIT_ROUTES = {
  'GET /api/audit': {
    id: 'listAudit',
    tag: 'administration',
    summary: 'Who changed what, newest first',
    permission: 'audit:read',
    query: queries.auditQuery,
    answers: { 200: json(schemas.auditPageSchema, 'A page of changes.') },
  },
  'GET /api/audit/export': {
    id: 'exportAudit',
    tag: 'administration',
    summary: 'The audit as CSV, newest first, up to a million entries',
    permission: 'audit:read',
    query: queries.auditExportQuery,
    answers: { 200: file('The file.', 'text/csv') },
  },
} as const satisfies Record<string, RouteSpec>;
