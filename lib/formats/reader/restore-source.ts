import { DuckDBTypeId } from '@duckdb/node-api';
import { restoreRowsAsCsv, restoreRowsAsJson } from '../restore-rows.ts';
import { KIND_MISSING } from '../row-batch.ts';
import type { SourceNote } from '../source-note.ts';
import { AvroCursor, compileCell, compileDisplay } from './avro-cells.ts';
import { AvroContainer } from './avro-container.ts';
import type { AvroType } from './avro-schema.ts';
import type { TextColumn, TextKind } from './avro-writer.ts';
import { cellSql } from './duckdb-cells.ts';
import { jsonText } from './duckdb-json.ts';
import { sqlText } from './duckdb-session.ts';
import { openParquet, type ParquetColumn, type ParquetFile } from './parquet-file.ts';
import type { ReaderLimits, SourceFile } from './protocol.ts';
import { describeText, rowJson } from './text-reader.ts';
import { openTextRows } from './text-rows.ts';

/** Rows of a file in the shapes that other formats are made from. */
export interface RestoreSource {
  columns: TextColumn[];
  /** Null unless the file is Parquet made from CSV or JSON. */
  note: SourceNote | null;
  /** Batches of rows as JSON texts without line breaks. */
  jsonRows(): AsyncGenerator<string[]>;
  /** Batches of rows of texts. */
  textRows(): AsyncGenerator<(string | null)[][]>;
  /** Batches of CSV lines; null where {@link textRows} has to be quoted. */
  csvLines: (() => AsyncGenerator<string[]>) | null;
}

/** Opens a file to be restored. */
export async function openRestoreSource(file: SourceFile, limits: ReaderLimits): Promise<RestoreSource> {
  if (file.format === 'parquet') {
    const parquet = await openParquet(file.path, limits);
    return parquet.note === null ? plainParquet(parquet) : notedParquet(parquet, parquet.note);
  }
  return file.format === 'avro' ? avroSource(file.path) : textSource(file);
}

const LONG_TYPES = new Set<DuckDBTypeId>([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
]);

function kindOfColumn({ duckdbType }: ParquetColumn): TextKind {
  if (LONG_TYPES.has(duckdbType.typeId)) return 'long';
  if (duckdbType.typeId === DuckDBTypeId.BOOLEAN) return 'boolean';
  return duckdbType.typeId === DuckDBTypeId.FLOAT || duckdbType.typeId === DuckDBTypeId.DOUBLE ? 'double' : 'string';
}

function plainParquet(file: ParquetFile): RestoreSource {
  const members = file.columns.map(({ name, reference, duckdbType }, index) => {
    const key = sqlText(`${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
    return `, ${key}, ${jsonText(reference, duckdbType, 'display')}`;
  });
  const texts = file.columns.map(({ reference, duckdbType }) => {
    const { text } = cellSql(reference, duckdbType, 'text');
    // Bytes that are no text are shown as the hex that PostgreSQL reads.
    return duckdbType.typeId === DuckDBTypeId.BLOB
      ? `coalesce(${text}, ${cellSql(reference, duckdbType, 'bytea').text})`
      : text;
  });
  return {
    columns: file.columns.map((column) => ({ name: column.name, kind: kindOfColumn(column) })),
    note: null,
    async *jsonRows() {
      for await (const [rows] of columnBatches(file, [`concat('{'${members.join('')}, '}')`])) yield rows as string[];
    },
    async *textRows() {
      for await (const columns of columnBatches(file, texts)) yield rowsOf(columns);
    },
    csvLines: null,
  };
}

function notedParquet(file: ParquetFile, note: SourceNote): RestoreSource {
  const names = file.columns.map(({ name }) => name);
  const references = file.columns.map(({ reference }) => reference);
  if (note.deviations !== null && file.deviations !== null) {
    names.push(note.deviations);
    references.push(file.deviations);
  }
  const texts = references.map((reference) => `CAST(${reference} AS VARCHAR)`);
  const kinds: Partial<Record<string, TextKind>> = { number: 'number', boolean: 'boolean' };
  return {
    columns: note.columns.map(({ name, encoding }) => ({ name, kind: kinds[encoding] ?? 'string' })),
    note,
    async *jsonRows() {
      for await (const cells of columnBatches(file, texts)) yield restoreRowsAsJson(note, names, cells);
    },
    async *textRows() {
      for await (const cells of columnBatches(file, texts)) yield rowsOf(cells.slice(0, note.columns.length));
    },
    async *csvLines() {
      for await (const cells of columnBatches(file, texts)) yield restoreRowsAsCsv(note, names, cells);
    },
  };
}

/** Results of expressions by column, a few thousand rows at a time. */
async function* columnBatches(file: ParquetFile, expressions: string[]): AsyncGenerator<(string | null)[][]> {
  if (expressions.length === 0) return;
  const result = await file.attempt((connection) =>
    connection.stream(`SELECT ${expressions.join(', ')} FROM ${file.source}`),
  );
  while (true) {
    const chunk = await file.attempt(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk.getColumns() as (string | null)[][];
  }
}

function rowsOf(columns: (string | null)[][]): (string | null)[][] {
  const rowCount = columns[0]?.length ?? 0;
  return Array.from({ length: rowCount }, (_, row) => columns.map((cells) => cells[row] ?? null));
}

function kindOfAvro(type: AvroType): TextKind {
  if (type.kind === 'union') {
    const kinds = new Set(type.branches.filter(({ kind }) => kind !== 'null').map(kindOfAvro));
    return kinds.size === 1 ? (kinds.values().next().value as TextKind) : 'string';
  }
  if ((type.kind === 'int' || type.kind === 'long') && type.logical === undefined) return 'long';
  if (type.kind === 'boolean') return 'boolean';
  return type.kind === 'float' || type.kind === 'double' ? 'double' : 'string';
}

async function avroSource(path: string): Promise<RestoreSource> {
  const container = await AvroContainer.open(path);
  const { fields } = container.schema;
  const shown = fields.map(({ name, type }) => ({
    key: `${JSON.stringify(name)}:`,
    read: compileDisplay(type, false),
  }));
  const texts = fields.map(({ type }) => compileCell(type, 'text'));
  async function* batches<Row>(readRow: (cursor: AvroCursor) => Row): AsyncGenerator<Row[]> {
    for await (const { number, firstRow, rowCount, data } of container.blocks()) {
      let row = firstRow;
      const cursor = new AvroCursor(data, () => ({ detail: `Block ${number} of the Avro file is damaged`, row }));
      const rows: Row[] = [];
      for (; row < firstRow + rowCount; row++) rows.push(readRow(cursor));
      yield rows;
    }
  }
  return {
    columns: fields.map(({ name, type }) => ({ name, kind: kindOfAvro(type) })),
    note: null,
    jsonRows: () =>
      batches((cursor) => `{${shown.map(({ key, read }) => `${key}${read(cursor) ?? 'null'}`).join(',')}}`),
    textRows: () => batches((cursor) => texts.map((read) => read(cursor))),
    csvLines: null,
  };
}

async function textSource(file: SourceFile): Promise<RestoreSource> {
  const { columns } = await describeText(file, null);
  const { batches } = await openTextRows(file);
  const kinds: Partial<Record<string, TextKind>> = { number: 'number', boolean: 'boolean' };
  return {
    columns: columns.map(({ name, type }) => ({ name, kind: kinds[type] ?? 'string' })),
    note: null,
    async *jsonRows() {
      for await (const batch of batches) yield Array.from({ length: batch.rowCount }, (_, row) => rowJson(batch, row));
    },
    async *textRows() {
      for await (const batch of batches) {
        const positions = columns.map(({ name }) => batch.columns.indexOf(name));
        yield Array.from({ length: batch.rowCount }, (_, row) =>
          positions.map((position) =>
            batch.kinds?.[position]?.[row] === KIND_MISSING ? null : (batch.cells[position]?.[row] ?? null),
          ),
        );
      }
    },
    csvLines: null,
  };
}
