import { DuckDBBlobValue, type DuckDBConnection, type DuckDBType } from '@duckdb/node-api';
import { FormatFault } from '../format-fault.ts';
import { NOTE_KEY, type NoteColumn, parquetColumnsOf, parseSourceNote, type SourceNote } from '../source-note.ts';
import { duckdbFault, openDuckdb, queryRows, sqlPath, sqlText } from './duckdb-session.ts';
import { isNestedType } from './duckdb-types.ts';
import { checkParquetEnds } from './parquet-head.ts';
import {
  leafNumbers,
  refuseWideDecimals,
  type SchemaColumn,
  type SchemaRow,
  topLevelColumns,
} from './parquet-schema.ts';
import type { FileColumn, ReaderLimits } from './protocol.ts';
import { makeReadable } from './readable-parquet.ts';

/** Types in messages are cut here: a record of a thousand fields names them all. */
const MAX_TYPE_CHARS = 200;

/** A column of a Parquet file and how a query refers to it. */
export interface ParquetColumn extends FileColumn {
  duckdbType: DuckDBType;
  /** Name of ours: no name of the file ever stands in a query. */
  reference: string;
  /** Null unless the file was made from CSV or JSON. */
  noted: NoteColumn | null;
  schema: SchemaColumn;
  /** Whether there is BSON in it. */
  hasBson: boolean;
}

/** A Parquet file, opened. */
export interface ParquetFile {
  connection: DuckDBConnection;
  /** Of the file that is read, which need not be the one that was given. */
  path: string;
  rowCount: number;
  /** Of each row group. */
  groupRows: number[];
  /** In the order of the file, without the column of deviations. */
  columns: ParquetColumn[];
  note: SourceNote | null;
  /** Reference of the column of deviations. */
  deviations: string | null;
  /** FROM clause; offers every `reference` and `file_row_number`, counted from 0. */
  source: string;
  /** Runs a query, any failure of which is a fault of the file. */
  attempt<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
}

/** Opens a Parquet file; `otherPaths` are what a query may write to. */
export async function openParquet(
  givenPath: string,
  limits: ReaderLimits,
  otherPaths: string[] = [],
): Promise<ParquetFile> {
  await checkParquetEnds(givenPath);
  const { path, groupRows, bsonLeaves, widerLeaves } = await makeReadable(givenPath);
  const rowCount = groupRows.reduce((sum, rows) => sum + rows, 0);
  if (limits.maxRows !== null && rowCount > limits.maxRows) {
    throw new FormatFault('too_many_rows', `The file has ${rowCount} rows, ${limits.maxRows} are allowed.`);
  }
  const paths = [path, ...otherPaths];
  const connection = await openDuckdb(paths, limits.memoryLimitBytes);
  const attempt = async <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    try {
      return await work(connection);
    } catch (error) {
      throw duckdbFault(error, paths);
    }
  };
  return attempt(async () => {
    const literal = sqlPath(path);
    const schema = (await queryRows(connection, `FROM parquet_schema(${literal})`)) as unknown as SchemaRow[];
    refuseWideDecimals(schema);
    const leaves = schema.filter(({ type }) => type !== null);
    for (const [leaf, range] of widerLeaves) Object.assign(leaves[leaf] ?? {}, { range });
    const schemaColumns = topLevelColumns(schema);
    const names = schemaColumns.map(({ rows }) => rows[0]?.name ?? '');
    const references = names.map((_name, index) => `c${index}`);
    // Aliases by position: DuckDB knows names without regard to case and would rename twins. Without the option, a
    // folder called `a=1` would become a column.
    const source = `read_parquet(${literal}, hive_partitioning = false) AS file(${references.join(', ')})`;
    const types = names.length === 0 ? [] : (await connection.run(`SELECT * FROM ${source} LIMIT 0`)).columnTypes();
    if (types.length !== names.length) throw new FormatFault('corrupt_file', 'The Parquet schema contradicts itself.');
    const note = await readNote(connection, literal, names);
    const columns = types.map((duckdbType, index): ParquetColumn => {
      const noted = note?.columns[index] ?? null;
      const column = schemaColumns[index] as SchemaColumn;
      return {
        name: names[index] as string,
        type: noted?.encoding ?? (duckdbType.alias ?? String(duckdbType)).slice(0, MAX_TYPE_CHARS),
        nested: noted === null ? isNestedType(duckdbType) : noted.encoding === 'json',
        duckdbType,
        reference: references[index] as string,
        noted,
        schema: column,
        hasBson: leafNumbers(column).some((leaf) => bsonLeaves.has(leaf)),
      };
    });
    const deviations = note?.deviations == null ? null : (columns.pop()?.reference ?? null);
    return { connection, path, rowCount, groupRows, columns, source, note, deviations, attempt };
  });
}

/** The note, unless it speaks of other columns than the file has: then somebody wrote the file anew. */
async function readNote(connection: DuckDBConnection, literal: string, names: string[]): Promise<SourceNote | null> {
  const sql = `SELECT value FROM parquet_kv_metadata(${literal}) WHERE key = encode(${sqlText(NOTE_KEY)})`;
  const value = (await queryRows(connection, sql))[0]?.value;
  if (!(value instanceof DuckDBBlobValue)) return null;
  const note = parseSourceNote(Buffer.from(value.bytes).toString('utf8'));
  if (note === null) return null;
  const expected = parquetColumnsOf(note);
  return expected.length === names.length && expected.every((name, index) => name === names[index]) ? note : null;
}

/** The column of that very name; of two columns that share a name, neither can be meant. */
export function findColumn(columns: ParquetColumn[], name: string): ParquetColumn {
  const found = columns.filter((column) => column.name === name);
  if (found.length > 1) throw new FormatFault('duplicate_column', `Two columns are called ${JSON.stringify(name)}.`);
  if (found[0] === undefined) {
    throw new FormatFault('missing_column', `The file has no column ${JSON.stringify(name)}.`);
  }
  return found[0];
}
