/** The pages of the main navigation; the names are keys of `shell`. */
export const PAGES = [
  { href: '/visao-geral', key: 'overview' },
  { href: '/importar', key: 'import' },
  { href: '/cargas', key: 'jobs' },
  { href: '/figuras', key: 'figuras' },
] as const;

/** What only administrators have besides. */
export const ADMIN_PAGES = [
  { href: '/pessoas', key: 'users' },
  { href: '/chaves', key: 'keys' },
  { href: '/webhooks', key: 'webhooks' },
  { href: '/auditoria', key: 'audit' },
] as const;

/** The pages a person has. */
export function pagesOf(isAdmin: boolean): readonly ((typeof PAGES)[number] | (typeof ADMIN_PAGES)[number])[] {
  return isAdmin ? [...PAGES, ...ADMIN_PAGES] : PAGES;
}
