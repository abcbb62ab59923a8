import { AppError } from '../errors.ts';
import { type Figura, type FiguraColumn, SERVICE_COLUMNS } from './figura.ts';

/** Which column of the file fills which column of the table. */
export interface ColumnMapping {
  mapped: { source: string; column: FiguraColumn }[];
  /** Column of the file that says I, U or D; null when it has none. */
  opSource: string | null;
  /** Columns of the file that go nowhere. */
  ignored: string[];
}

/** A name without regard to case, accents and outer blanks. */
export function foldName(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').trim().toLowerCase();
}

/**
 * Names of a file's columns. A file of no rows may say nothing of them (`[]`): it is taken to have all that it might
 * have, so that nothing is missing.
 */
export function columnNamesOf(
  file: { columns: readonly { name: string }[]; rowCount: number | null },
  figura: Pick<Figura, 'table'>,
  mapping: Readonly<Record<string, string>>,
): string[] {
  if (file.columns.length > 0 || file.rowCount !== 0) return file.columns.map(({ name }) => name);
  const mapped = new Set(Object.values(mapping));
  const others = figura.table.columns.map(({ name }) => name).filter((name) => !mapped.has(name));
  return [...Object.keys(mapping), ...others];
}

/**
 * Matches the file's columns to the table's: by the mapping, else by the very name, else by the one name that is the
 * same without regard to case and accents. Two columns of the file never fill one of the table, and a column of the
 * file that could mean two of the table fills none: both are refused with the names. A column that only the figura's
 * own mapping names need not be in the file: that mapping is for every file, a job's is for one.
 * @throws AppError `unknown_mapping`, `duplicate_mapping`, `unknown_columns`, `missing_key_column`,
 * `missing_column`, `column_not_found_in_table`, `no_columns`.
 */
export function mapColumns(
  fileColumns: readonly string[],
  figura: Pick<Figura, 'table' | 'keyColumns' | 'opColumn' | 'unknownColumns' | 'requiredColumns'> &
    Partial<Pick<Figura, 'mapping'>>,
  mapping: Readonly<Record<string, string>>,
  keyRequired = true,
): ColumnMapping {
  const strange = fileColumns.find((name) => name.includes('\0') || !name.isWellFormed());
  if (strange !== undefined) {
    throw new AppError('invalid_column_name', 'a column name that PostgreSQL cannot store', {
      details: { detail: strange.toWellFormed().replaceAll('\0', '\u2400') },
    });
  }
  const columns = new Map(figura.table.columns.map((column) => [column.name, column]));
  const inFile = new Set(fileColumns);
  const explicit = new Map(Object.entries(mapping));
  for (const [source, target] of explicit) {
    if (!inFile.has(source) && figura.mapping?.[source] === target) {
      explicit.delete(source);
      continue;
    }
    if (!inFile.has(source)) {
      throw new AppError('unknown_mapping', `the file has no column ${source}`, { details: { column: source } });
    }
    if (!columns.has(target) && target !== figura.opColumn) {
      throw new AppError('unknown_mapping', `the table has no column ${target}`, { details: { column: target } });
    }
  }
  const taken = new Map<string, string>();
  const take = (source: string, target: string) => {
    const earlier = taken.get(target);
    if (earlier !== undefined) {
      throw new AppError('duplicate_mapping', `${earlier} and ${source} both fill ${target}`, {
        details: { column: target, first: earlier, second: source },
      });
    }
    taken.set(target, source);
  };
  const free = fileColumns.filter((source) => !explicit.has(source) && !SERVICE_COLUMNS.has(source));
  for (const [source, target] of explicit) take(source, target);
  // A column of the table called like the op column is data: the op is read only where the table has no such column.
  const targets = columns.has(figura.opColumn) ? [...columns.keys()] : [...columns.keys(), figura.opColumn];
  const exact = new Set(targets);
  for (const source of free) if (exact.has(source) && !taken.has(source)) take(source, source);
  const folded = new Map<string, string[]>();
  for (const target of targets) {
    if (!taken.has(target)) folded.set(foldName(target), [...(folded.get(foldName(target)) ?? []), target]);
  }
  const used = new Set(taken.values());
  const ignored: string[] = [];
  for (const source of free) {
    if (used.has(source)) continue;
    const [target, other] = folded.get(foldName(source)) ?? [];
    if (target !== undefined && other !== undefined) {
      throw new AppError('duplicate_mapping', `${source} may mean ${target} or ${other}`, {
        details: { column: source, first: target, second: other },
      });
    }
    if (target !== undefined) take(source, target);
    else ignored.push(source);
  }
  if (ignored.length > 0 && figura.unknownColumns === 'reject') {
    throw new AppError('unknown_columns', `columns the figura does not have: ${ignored.join(', ')}`, {
      details: { columns: ignored.slice(0, 20).join(', ') },
    });
  }
  const missingKeys = figura.keyColumns.filter((name) => !taken.has(name));
  if (keyRequired && missingKeys.length > 0) {
    throw new AppError('missing_key_column', `the file has no key column ${missingKeys.join(', ')}`, {
      details: { columns: missingKeys.join(', '), found: fileColumns.slice(0, 20).join(', ') },
    });
  }
  const gone = figura.requiredColumns.find((name) => !columns.has(name));
  if (gone !== undefined) {
    throw new AppError('column_not_found_in_table', `the table has no column ${gone}`, { details: { column: gone } });
  }
  const missing = figura.requiredColumns.filter((name) => !taken.has(name));
  if (missing.length > 0) {
    throw new AppError('missing_column', `the file has no column ${missing.join(', ')}`, {
      details: { columns: missing.join(', '), found: fileColumns.slice(0, 20).join(', ') },
    });
  }
  const mapped = [...taken]
    .filter(([target]) => columns.has(target))
    .map(([target, source]) => ({ source, column: columns.get(target) as FiguraColumn }))
    // PostgreSQL computes generated columns; what the file says of them cannot be written.
    .filter(({ column }) => !column.isGenerated);
  if (mapped.length === 0) {
    throw new AppError('no_columns', 'no column of the file belongs to the figura', {
      details: { found: fileColumns.slice(0, 20).join(', ') },
    });
  }
  const position = new Map(figura.table.columns.map((column, index) => [column.name, index]));
  mapped.sort((a, b) => (position.get(a.column.name) ?? 0) - (position.get(b.column.name) ?? 0));
  return { mapped, opSource: columns.has(figura.opColumn) ? null : (taken.get(figura.opColumn) ?? null), ignored };
}
