import type { Queryable } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import type { Figura } from './figura.ts';
import { readTable } from './read-table.ts';

const SELECT_FIGURA = `
  select name, title, schema_name as "schemaName", table_name as "tableName", key_columns as "keyColumns",
         op_column as "opColumn", on_error as "onError", max_errors as "maxErrors", max_file_bytes as "maxFileBytes",
         unknown_columns as "unknownColumns", required_columns as "requiredColumns",
         max_delete_ratio as "maxDeleteRatio", mapping,
         created_at as "createdAt", updated_at as "updatedAt"
    from carga.figuras`;

/**
 * Reads a figura together with its table as it is now.
 * @throws AppError `figura_not_found`, and what `readTable` throws when the table is gone.
 */
export async function loadFigura(db: Queryable, name: string): Promise<Figura> {
  const row = (await db.query(`${SELECT_FIGURA} where name = $1`, [name])).rows[0];
  if (!row) throw figuraNotFound(name);
  const { schemaName, tableName, ...figura } = row;
  return { ...figura, table: await readTable(db, schemaName, tableName) };
}

/** Lets only figuras pass that are registered, whatever became of their table. @throws AppError `figura_not_found` */
export async function requireFigura(db: Queryable, name: string): Promise<void> {
  const { rowCount } = await db.query('select from carga.figuras where name = $1', [name]);
  if (rowCount === 0) throw figuraNotFound(name);
}

function figuraNotFound(name: string): AppError {
  return new AppError('figura_not_found', `no figura ${name}`, { details: { name } });
}
