import { type DuckDBConnection, DuckDBInstance, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { type ArrayElement, arrayLiteral } from '../array-literal.ts';
import { FormatFault, type FormatFaultCode } from '../format-fault.ts';

// DuckDB accounts for its buffers only; the rest of the process (V8, page decoders) needs the other third.
const DUCKDB_MEMORY_SHARE = 0.66;

/** Name of the function that rewrites a list in JSON as a PostgreSQL array; see {@link arrayLiteral}. */
export const ARRAY_LITERAL = 'carga_array_literal';

/** In SQL a list of unknown depth cannot be walked through. Called from DuckDB's thread: 1M lists take 1 s. */
function arrayLiteralFunction(): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name: ARRAY_LITERAL,
    returnType: VARCHAR,
    parameterTypes: [VARCHAR, VARCHAR],
    mainFunction: (_info, input, output) => {
      const texts = input.getColumnVector(0);
      const elements = input.getColumnVector(1);
      for (let row = 0; row < input.rowCount; row++) {
        const text = texts.getItem(row) as string | null;
        output.setItem(row, text === null ? null : arrayLiteral(text, elements.getItem(row) as ArrayElement));
      }
      output.flush();
    },
  });
}

/** Text as an SQL literal. */
export function sqlText(value: string): string {
  // A NUL would end the statement in DuckDB's C interface.
  if (value.includes('\0')) throw new FormatFault('invalid_column_name', 'A name holds a NUL character.');
  return `'${value.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${sqlText(name).slice(1, -1).replaceAll("''", "'").replaceAll('"', '""')}"`;
}

/** A path as an SQL literal for read_parquet, whose argument is a pattern: `*`, `?` and `[` stand for themselves. */
export function sqlPath(path: string): string {
  return sqlText(path.replace(/[*?[]/g, '[$&]'));
}

/** Patterns are looked up by listing folders: the one above the first component that looks like a pattern. */
function listedFolders(path: string): string[] {
  const first = path.search(/[*?[]/);
  return first < 0 ? [] : [path.slice(0, path.slice(0, first).lastIndexOf('/') + 1)];
}

/**
 * Opens DuckDB in memory. It may touch nothing but the paths given: what it reads comes from strangers, and a
 * fault in a decoder should find neither the network nor the rest of the disk.
 */
export async function openDuckdb(paths: string[], memoryLimitBytes: number): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    // Two threads spin on a full pipe, and rows must leave in the order of the file.
    threads: '1',
    memory_limit: `${Math.floor((memoryLimitBytes * DUCKDB_MEMORY_SHARE) / 1024)}KiB`,
    // Reading row by row never needs to spill; a bomb that wants to is stopped instead of filling the disk.
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  connection.registerScalarFunction(arrayLiteralFunction());
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('SET preserve_insertion_order = true');
  await connection.run(`SET allowed_paths = [${paths.map(sqlText).join(', ')}]`);
  const folders = paths.flatMap(listedFolders);
  if (folders.length > 0) await connection.run(`SET allowed_directories = [${folders.map(sqlText).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  return connection;
}

/** Runs a query whose answer is small. */
export async function queryRows(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjects();
}

const FAULTS: [RegExp, FormatFaultCode][] = [
  [/out of memory|failed to allocate|could not allocate|bad_alloc/i, 'memory_limit'],
  [/max expression depth|stack overflow|nested too deep/i, 'nesting_too_deep'],
  [/no magic bytes|not a parquet file/i, 'not_parquet'],
  [/encrypt/i, 'encrypted_file'],
  [/invalid string encoding|invalid utf-?8|not valid UTF/i, 'invalid_encoding'],
  [/no files found|cannot open file|permission denied|no space left|broken pipe/i, 'file_unreadable'],
  [
    /unsupported (compression|codec|encoding)|encoding is only supported for|unrecognized.*(codec|compression)|LZO/i,
    'unsupported_encoding',
  ],
  [/not implemented|unsupported|not supported|duplicate struct entry|could not convert timestamp/i, 'unsupported_type'],
];

/** Where DuckDB's words are advice on its settings. */
const FIXED_DETAILS: Partial<Record<FormatFaultCode, string>> = {
  memory_limit: 'Reading the file takes more memory than allowed.',
  nesting_too_deep: 'The columns of the file are nested too deep.',
};

/** DuckDB's message without its class, its stack and anything that looks like a path of this machine. */
function neutralReason(message: string, paths: string[]): string {
  let text = message.split('\n', 1)[0] ?? '';
  for (const path of paths) text = text.replaceAll(path, 'the file').replaceAll(sqlPath(path).slice(1, -1), 'the file');
  return text
    .replace(/^(\w+ )?(Error|Exception): /i, '')
    .replace(/^([\w ]+) Error: /, '')
    .replace(/["'`]?(?:[A-Za-z]:)?[\\/](?:[^\s"'`]+[\\/])+[^\s"'`:]*["'`]?/g, 'the file')
    .replace(/(?:file )?["']?the file["']?/gi, 'the file')
    .slice(0, 300);
}

/** An error of DuckDB as a fault of the file. */
export function duckdbFault(error: unknown, paths: string[]): FormatFault {
  if (error instanceof FormatFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = FAULTS.find(([pattern]) => pattern.test(message))?.[1] ?? 'corrupt_file';
  const reason = FIXED_DETAILS[code] ?? neutralReason(message, paths);
  return new FormatFault(code, code === 'corrupt_file' ? `The Parquet data is damaged: ${reason}` : reason);
}
