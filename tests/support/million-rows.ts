import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type FileFormat, restoreFile } from '#lib/formats/reader/reader.ts';

/** Writes a Parquet of `rowCount` rows: id (uuid), nome, valor numeric, dados jsonb; row groups are as large as DuckDB's unless told. */
export async function writeManyRows(directory: string, rowCount: number, rowGroupSize = 122_880): Promise<string> {
  const file = path.join(directory, `rows-${rowCount}.parquet`);
  const database = await DuckDBInstance.create();
  const connection = await database.connect();
  await connection.run(`copy (
    select substr(m, 1, 8) || '-' || substr(m, 9, 4) || '-' || substr(m, 13, 4) || '-' || substr(m, 17, 4) || '-' || substr(m, 21, 12) as id,
           'Nome ' || i as nome, ((i * 7919) % 1000000) / 100.0 as valor, '{"n": ' || i || ', "lista": [1, 2, 3]}' as dados
      from (select i, md5(i::varchar) as m from range(${Number(rowCount)}) r(i)))
    to '${file}' (format parquet, compression zstd, row_group_size ${Number(rowGroupSize)})`);
  connection.closeSync();
  database.closeSync();
  return file;
}

/** Formats in which a load meets its rows in different ways: at once, or while they arrive. */
export const KILL_FORMATS = ['csv', 'parquet', 'ndjson', 'avro'] as const satisfies FileFormat[];

/** One of them. */
export type KillFormat = (typeof KILL_FORMATS)[number];

/** The rows of {@link writeManyRows} in each of {@link KILL_FORMATS}. */
export async function readManyRows(directory: string, rowCount: number): Promise<Record<KillFormat, Buffer>> {
  const parquet = await writeManyRows(directory, rowCount);
  const files: Partial<Record<KillFormat, Buffer>> = {};
  for (const format of KILL_FORMATS) {
    const output = `${parquet}.${format}`;
    await restoreFile({ path: parquet, format: 'parquet' }, format, output, { tempDirectory: directory });
    files[format] = await readFile(output);
  }
  return files as Record<KillFormat, Buffer>;
}
