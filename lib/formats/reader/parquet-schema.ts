import { FormatFault } from '../format-fault.ts';

/** A row of DuckDB's `parquet_schema`: the schema as a tree written depth first. */
export interface SchemaRow {
  name: string;
  /** Physical type; null for a node with children. */
  type: string | null;
  type_length: bigint | string | null;
  repetition_type: string | null;
  num_children: bigint | null;
  converted_type: string | null;
  precision: bigint | null;
  logical_type: string | null;
}

/** A top-level column: its rows in the schema and the number of its first leaf among all leaves. */
export interface SchemaColumn {
  rows: SchemaRow[];
  firstLeaf: number;
}

/** The root's children; the first row is the root. */
export function topLevelColumns(schema: SchemaRow[]): SchemaColumn[] {
  const columns: SchemaColumn[] = [];
  let position = 1;
  let firstLeaf = 0;
  for (let child = 0; child < Number(schema[0]?.num_children ?? 0); child++) {
    const start = position;
    for (let open = 1; open > 0; position++) {
      const row = schema[position];
      if (row === undefined) throw new FormatFault('corrupt_file', 'The Parquet schema ends too early.');
      open += Number(row.num_children ?? 0) - 1;
    }
    const rows = schema.slice(start, position);
    columns.push({ rows, firstLeaf });
    firstLeaf += rows.filter(({ type }) => type !== null).length;
  }
  return columns;
}

/**
 * Refuses what DuckDB would read as something else without a word: decimals of more than 38 digits, and leaves whose
 * meaning stands in the logical type alone, which it passes over. Writers of note state the converted type as well.
 */
export function refuseMisread(schema: SchemaRow[]): void {
  for (const { name, precision, converted_type, logical_type, type } of schema) {
    if (type === null) continue;
    const logical = logical_type ?? '';
    const stated = /^Decimal.*precision=(\d+)/i.exec(logical)?.[1];
    const digits = stated === undefined ? (converted_type === 'DECIMAL' ? Number(precision ?? 0) : 0) : Number(stated);
    if (digits > 38) {
      throw new FormatFault('unsupported_type', `Column ${JSON.stringify(name)} is a decimal of ${digits} digits.`);
    }
    const isPassedOver = converted_type === null && /^(Decimal|Date|Int.*isSigned=0)/.test(logical);
    if (isPassedOver) {
      const meaning = /^\w+?(?=Type)/.exec(logical)?.[0].toLowerCase() ?? 'value';
      const kind = meaning === 'int' ? 'an unsigned integer' : `a ${meaning}`;
      throw new FormatFault(
        'unsupported_type',
        `Column ${JSON.stringify(name)} is ${kind} by its logical type alone; the converted type is missing.`,
      );
    }
  }
}
