import { statSync } from 'node:fs';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { AvroWriter } from '#lib/formats/reader/avro-writer.ts';
import { OutputFile } from '#lib/formats/reader/output-file.ts';
import type { BenchCase, BenchFormat } from './cases.ts';

/** Columns of the table; the file has `op` as well. */
export const COLUMNS = ['id', 'pessoa', 'nome', 'tipo', 'ativo', 'limite', 'criado', 'dados'] as const;

const AS_TEXT: Record<string, string> = {
  criado: `strftime(criado, '%Y-%m-%d %H:%M:%S.%f') || '+00'`,
};

/** The files of one case. */
export interface CaseFiles {
  /** By format. */
  sources: Partial<Record<BenchFormat, string>>;
  /** Rows that can be accepted, of each key the last one, as COPY text: what the floor loads. */
  text: string;
  /** Rows in `text`. */
  textRows: number;
}

// Keys are hashes, so rows come in no order of the table; values as a register of persons has them.
function rowsSql(benchCase: BenchCase, rows: number): string {
  const { key, changed, op, spoilt } = benchCase;
  const columns = [...COLUMNS, 'op'].map((name) => `${spoilt[name as keyof typeof spoilt] ?? name} AS ${name}`);
  return `SELECT i, ${columns.join(', ')} FROM (
    SELECT i, CAST(CAST(m AS UUID) AS VARCHAR) AS id,
           'P' || lpad(CAST(i % 50000 AS VARCHAR), 6, '0') AS pessoa,
           'João da Silva ' || substr(m, 3, 14) || CASE WHEN ${changed} THEN ' Jr' ELSE '' END AS nome,
           CAST(i % 30 AS INTEGER) AS tipo,
           i % 3 = 0 AS ativo,
           CAST(((i * 7919) % 99999999) / 100.0 + CASE WHEN ${changed} THEN 1 ELSE 0 END AS DECIMAL(15, 2)) AS limite,
           TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_microseconds((i * 104729 % 150000000) * 1000000 + i % 1000000) AS criado,
           '{"a": ' || i || ', "b": "texto ' || (i % 977) || '", "c": [1, 2, 3], "d": true}' AS dados,
           ${op} AS op
      FROM (SELECT i, md5(CAST(${key} AS VARCHAR)) AS m FROM (SELECT range AS i, ${rows} AS total FROM range(${rows}))))`;
}

/** Makes the files of the bench. */
export class DataMaker {
  readonly #connection: DuckDBConnection;
  readonly #directory: string;

  private constructor(connection: DuckDBConnection, directory: string) {
    this.#connection = connection;
    this.#directory = directory;
  }

  static async open(directory: string): Promise<DataMaker> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '4GB',
      temp_directory: path.join(directory, 'spill'),
    });
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    return new DataMaker(connection, directory);
  }

  close(): void {
    this.#connection.closeSync();
  }

  /** Writes rows that are in a table beforehand, in the order of the key, as COPY text. */
  async writeBase(name: string, base: string, rows: number): Promise<string> {
    const before = { base: null, changed: 'false', op: 'NULL', key: 'i', spoilt: {} };
    const file = path.join(this.#directory, `base-${name}.txt`);
    await this.#writeText(
      `SELECT * FROM (${rowsSql(before as unknown as BenchCase, rows)}) WHERE ${base}`,
      file,
      false,
    );
    return file;
  }

  /** Writes the files of a case. */
  async writeCase(
    name: string,
    benchCase: BenchCase,
    options: { rows: number; formats: readonly BenchFormat[]; groupRows: number },
  ): Promise<CaseFiles> {
    const connection = this.#connection;
    const rows = rowsSql(benchCase, options.rows);
    const sources: CaseFiles['sources'] = {};
    for (const format of options.formats) {
      const file = path.join(this.#directory, `${name}.${format}`);
      const select = `SELECT * EXCLUDE (i) FROM (${rows}) ORDER BY i`;
      if (format === 'parquet') {
        await connection.run(
          `COPY (${select}) TO '${file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${options.groupRows})`,
        );
      } else if (format === 'csv') await connection.run(`COPY (${select}) TO '${file}' (FORMAT csv, HEADER true)`);
      else if (format === 'ndjson') {
        // As text it would become a JSON string instead of an object.
        const asJson = `SELECT * REPLACE (CAST(dados AS JSON) AS dados) FROM (${select})`;
        await connection.run(`COPY (${asJson}) TO '${file}' (FORMAT json)`);
      } else await this.#writeAvro(select, file);
      sources[format] = file;
    }
    const text = path.join(this.#directory, `${name}.txt`);
    const good = `SELECT * FROM (${rows}) WHERE NOT (${benchCase.isBad})`;
    const last = `SELECT * FROM (${good}) QUALIFY row_number() OVER (PARTITION BY id ORDER BY i DESC) = 1 ORDER BY i`;
    const textRows = await this.#writeText(benchCase.key === 'i' ? `${good} ORDER BY i` : last, text, true);
    return { sources, text, textRows };
  }

  async #writeText(select: string, file: string, withOp: boolean): Promise<number> {
    const names = [...COLUMNS, ...(withOp ? ['op'] : [])].map((name) => AS_TEXT[name] ?? name);
    const order = withOp ? '' : ' ORDER BY id';
    const result = await this.#connection.run(
      `COPY (SELECT ${names.join(', ')} FROM (${select})${order}) TO '${file}'
       (FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE '', NULLSTR '\\N')`,
    );
    return result.rowsChanged;
  }

  async #writeAvro(select: string, file: string): Promise<void> {
    const names = [...COLUMNS, 'op'].map((name) => `CAST(${name} AS VARCHAR)`);
    const output = new OutputFile(file, null);
    const kinds: Record<string, 'long' | 'boolean'> = { tipo: 'long', ativo: 'boolean' };
    const writer = new AvroWriter(
      output,
      [...COLUMNS, 'op'].map((name) => ({ name, kind: kinds[name] ?? 'string' })),
    );
    const result = await this.#connection.stream(`SELECT ${names.join(', ')} FROM (${select})`);
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (const row of chunk.getRows()) writer.write(row as (string | null)[]);
    }
    writer.close();
    output.close();
  }
}

/** Size of a file in MB. */
export function megabytes(file: string): number {
  return Math.round(statSync(file).size / 1e5) / 10;
}
