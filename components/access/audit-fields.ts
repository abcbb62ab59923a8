/** What the audit can be narrowed by; each is a parameter of the page's address. */
export const AUDIT_FIELDS = ['actor', 'action', 'target', 'result', 'from', 'to'] as const;
export type AuditFilterValues = Record<(typeof AUDIT_FIELDS)[number], string>;
