import { FormatFault } from '../format-fault.ts';
import { AvroCursor, compileCell, compileDisplay, compileSkip } from './avro-cells.ts';
import { AvroContainer } from './avro-container.ts';
import { type AvroRecord, avroTypeName, isNestedAvro } from './avro-schema.ts';
import { AvroCopy, type AvroField } from './copy-avro.ts';
import { CopyWriter } from './copy-text.ts';
import {
  type CopyColumn,
  type CopyCount,
  type FileDescription,
  type FileHead,
  type FilePart,
  MAX_WITHHELD_NUMBERS,
  type PickedRow,
  type ReaderLimits,
} from './protocol.ts';
import { storableJson } from './storable-json.ts';
import type { WantedRows } from './wanted-rows.ts';

/** Columns and row count of an Avro file; its blocks are passed over. */
export async function describeAvro(path: string, chunkRows: number | null): Promise<FileDescription> {
  const container = await AvroContainer.open(path);
  try {
    const columns = container.schema.fields.map(({ name, type }) => ({
      name,
      type: avroTypeName(type).slice(0, 200),
      nested: isNestedAvro(type),
    }));
    return { columns, ...(await container.countRows(chunkRows)) };
  } finally {
    await container.close();
  }
}

/** What the first bytes of an Avro file say while the others, `arrivingBytes` in all, arrive. */
export async function describeAvroHead(path: string, arrivingBytes: number): Promise<FileHead | null> {
  const container = await AvroContainer.open(path, arrivingBytes);
  try {
    const rowsGuess = await container.guessRows();
    return rowsGuess === null ? null : { columns: container.schema.fields.map(({ name }) => ({ name })), rowsGuess };
  } finally {
    await container.close();
  }
}

/** All fields have to be read, since only reading tells where the next begins. */
function planFields(schema: AvroRecord, columns: CopyColumn[]): AvroField[] {
  for (const { source } of columns) {
    const found = schema.fields.filter(({ name }) => name === source).length;
    if (found === 0) throw new FormatFault('missing_column', `The file has no column ${JSON.stringify(source)}.`);
    if (found > 1) throw new FormatFault('duplicate_column', `Two columns are called ${JSON.stringify(source)}.`);
  }
  return schema.fields.map(({ name, type }) => {
    const cells = columns.flatMap(({ source }, index) => (source === name ? [index] : []));
    const target = columns[cells[0] ?? -1]?.target ?? 'text';
    if (cells.some((index) => columns[index]?.target !== target)) {
      throw new FormatFault('duplicate_column', `Column ${JSON.stringify(name)} is asked for twice.`);
    }
    const read = cells.length === 0 ? compileDisplay(type, false) : compileCell(type, target);
    return { name, cells, read, skip: compileSkip(type, target) };
  });
}

interface AvroRow {
  row: number;
  cursor: AvroCursor;
}

/** Calls back at the start of each row; the callback reads exactly one record off the cursor. */
async function* rowsOf(container: AvroContainer, part: FilePart | null = null): AsyncGenerator<Iterable<AvroRow>> {
  for await (const { number, firstRow, rowCount, data } of container.blocks(part)) {
    let row = firstRow;
    const cursor = new AvroCursor(data, () => ({ detail: `Block ${number} of the Avro file is damaged`, row }));
    yield (function* () {
      for (let index = 0; index < rowCount; index++) {
        row = firstRow + index;
        cursor.faults = [];
        yield { row, cursor };
      }
      if (cursor.position !== data.length) throw cursor.corrupt('it holds more than its rows.');
    })();
  }
}

/** Writes the rows to the pipe as COPY text. */
export async function copyAvro(
  path: string,
  columns: CopyColumn[],
  pipePath: string,
  limits: ReaderLimits,
  part: FilePart | null,
  arrivingBytes?: number,
): Promise<CopyCount> {
  const container = await AvroContainer.open(path, arrivingBytes);
  try {
    const fields = planFields(container.schema, columns);
    const writer = new CopyWriter(pipePath);
    const copy = new AvroCopy(fields, columns.length, writer);
    const withheldRowNumbers: number[] = [];
    let withheldRows = 0;
    let rowCount = 0;
    for await (const rows of rowsOf(container, part)) {
      for (const { row, cursor } of rows) {
        if (limits.maxRows !== null && row > limits.maxRows) {
          throw new FormatFault('too_many_rows', `The file has more than ${limits.maxRows} rows.`);
        }
        rowCount += 1;
        if (!copy.copyRow(cursor, row) && ++withheldRows <= MAX_WITHHELD_NUMBERS) withheldRowNumbers.push(row);
      }
    }
    copy.flush();
    writer.close();
    return { rowCount, withheldRows, withheldRowNumbers };
  } finally {
    await container.close();
  }
}

function readFields(cursor: AvroCursor, fields: AvroField[], cells: (string | null)[]): void {
  for (const { name, read, cells: positions } of fields) {
    const before = cursor.faults.length;
    cursor.column = name;
    const text = read(cursor);
    for (const position of positions) cells[position] = text;
    // A column nobody asked for cannot spoil a row.
    if (positions.length === 0) cursor.faults.length = before;
  }
}

/** Reads a few rows again, in the order of the file. */
export async function* pickAvro(path: string, columns: CopyColumn[], wanted: WantedRows): AsyncGenerator<PickedRow> {
  const container = await AvroContainer.open(path);
  try {
    const fields = planFields(container.schema, columns);
    const shown = container.schema.fields.map(({ name, type }) => ({
      key: `${JSON.stringify(name)}:`,
      read: compileDisplay(
        type,
        columns.some(({ source, target }) => source === name && target !== 'bytea'),
      ),
    }));
    for await (const rows of rowsOf(container)) {
      for (const { row, cursor } of rows) {
        const cells = new Array<string | null>(columns.length).fill(null);
        const start = cursor.position;
        readFields(cursor, fields, cells);
        if (!wanted.isWanted(row)) continue;
        const faults = [...cursor.faults];
        cursor.position = start;
        const members = shown.map(({ key, read }) => `${key}${read(cursor) ?? 'null'}`);
        const isFaulty = (index: number) => faults.some(({ column }) => column === columns[index]?.source);
        yield {
          row,
          dataJson: storableJson(`{${members.join(',')}}`),
          judged: wanted.isJudged
            ? { cells: cells.map((cell, index) => (isFaulty(index) ? null : cell)), faults }
            : null,
        };
        wanted.advance();
        if (wanted.row === Number.POSITIVE_INFINITY) return;
      }
    }
  } finally {
    await container.close();
  }
}
