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
  /** Smallest and largest value of an integer, where DuckDB would cut others. */
  range?: readonly [number, number];
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

/** Numbers of the leaves of a column among all leaves. */
export function leafNumbers({ rows, firstLeaf }: SchemaColumn): number[] {
  return rows.filter(({ type }) => type !== null).map((_leaf, index) => firstLeaf + index);
}

/** Refuses decimals of more than 38 digits, which DuckDB would read as something else without a word. */
export function refuseWideDecimals(schema: SchemaRow[]): void {
  for (const { name, precision, converted_type, logical_type, type } of schema) {
    if (type === null) continue;
    const stated = /^Decimal.*precision=(\d+)/i.exec(logical_type ?? '')?.[1];
    const digits = stated === undefined ? (converted_type === 'DECIMAL' ? Number(precision ?? 0) : 0) : Number(stated);
    if (digits > 38) {
      throw new FormatFault('unsupported_type', `Column ${JSON.stringify(name)} is a decimal of ${digits} digits.`);
    }
  }
}
