/** Quotes one name for SQL. Only names read from the catalogue or made by us may come here. */
export function ident(name: string): string {
  if (name.length === 0 || name.includes('\0')) throw new TypeError('not a name PostgreSQL can have');
  return `"${name.replaceAll('"', '""')}"`;
}

/** `schema.table`, both quoted. */
export function qualified(schemaName: string, tableName: string): string {
  return `${ident(schemaName)}.${ident(tableName)}`;
}

/** Quotes one text as an SQL literal, for names and messages that stand inside a statement; values go as parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
