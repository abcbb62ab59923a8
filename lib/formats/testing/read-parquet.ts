import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ByteSink } from '../parquet-writer.ts';
import { NOTE_KEY, parseSourceNote, type SourceNote } from '../source-note.ts';

/** A sink that keeps all bytes; for tests. */
export class MemorySink implements ByteSink {
  readonly chunks: Uint8Array[] = [];
  isClosed = false;

  async write(bytes: Uint8Array): Promise<void> {
    this.chunks.push(bytes);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }
}

/** What DuckDB finds in a Parquet file of text columns, by column. */
export async function readParquet(
  bytes: Uint8Array,
): Promise<{ columns: string[]; cells: (string | null)[][]; note: SourceNote | null }> {
  const path = join(tmpdir(), `carga-${randomUUID()}.parquet`);
  await writeFile(path, bytes);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    const rows = await connection.runAndReadAll(`select * from read_parquet('${path}')`);
    const notes = await connection.runAndReadAll(
      `select decode(value) from parquet_kv_metadata('${path}') where decode(key) = '${NOTE_KEY}'`,
    );
    const note = notes.getRows()[0]?.[0];
    connection.closeSync();
    const columns = rows.columnNames();
    const cells = rows.getColumns() as (string | null)[][];
    return {
      columns,
      // Without rows DuckDB gives no columns either.
      cells: columns.map((_, column) => cells[column] ?? []),
      note: typeof note === 'string' ? parseSourceNote(note) : null,
    };
  } finally {
    instance.closeSync();
    await rm(path);
  }
}
