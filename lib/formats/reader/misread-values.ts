import { randomUUID } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BLOB,
  BOOLEAN,
  type DuckDBConnection,
  DuckDBListType,
  DuckDBMapType,
  DuckDBScalarFunction,
  DuckDBStructType,
  type DuckDBType,
} from '@duckdb/node-api';
import { FormatFault } from '../format-fault.ts';
import { queryRows, sqlPath } from './duckdb-session.ts';
import { chunksOf, readFooter } from './parquet-footer.ts';
import type { SchemaColumn, SchemaRow } from './parquet-schema.ts';
import { MAX_WITHHELD_NUMBERS } from './protocol.ts';
import { fieldsOf, intOf, itemsOf, type ThriftFields } from './thrift-reader.ts';
import { i32, i64, list, struct, type ThriftValue, text } from './thrift-writer.ts';

// DuckDB cuts three kinds of Parquet values to microseconds without a word: timestamps in UTC and times in UTC of
// nanoseconds, and INT96. Times in UTC outside a day, INT96 before its first day or after what microseconds reach,
// decimals of more digits and integers of more bits than their column states become other values. What was lost is found
// in a side file: the same pages under a footer that calls those columns plain integers. Only their bytes are copied, and
// only files that have such columns pay for it.

/** Table of the rows that lost something: `c` from {@link lostCode}, `n` row number counted from 0. */
export const LOST_ROWS = 'carga_lost_rows';

/** What a value can lose: all it means, or its nanoseconds. */
export const LOSSES = ['meaning', 'nanoseconds'] as const;

/** Number of a column's loss in {@link LOST_ROWS}. */
export function lostCode(position: number, loss: (typeof LOSSES)[number]): number {
  return position * LOSSES.length + LOSSES.indexOf(loss);
}

const HAS_NANOS = 'carga_has_nanos';
const IS_NO_MOMENT = 'carga_is_no_moment';

/** 1970-01-01 in INT96, whose days begin in 4713 BC. */
const EPOCH_DAY = 2_440_588;
const DAY_SECONDS = 86_400;

/** Old writers count a chunk without the header of its dictionary; readers of all kinds look a little further. */
const CHUNK_SLACK_BYTES = 128;

const COPY_BYTES = 1 << 20;

const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'];
const FIXED = PHYSICAL.length - 1;
const REPETITIONS = ['REQUIRED', 'OPTIONAL', 'REPEATED'];
/** Converted types that say how lists and maps are built; the ones of leaves are left out on purpose. */
const GROUP_TYPES: Record<string, number> = { MAP: 1, MAP_KEY_VALUE: 2, LIST: 3 };

/** A name for the side file, to be allowed before DuckDB is locked. */
export function sidePath(): string {
  return path.join(tmpdir(), `nanoseconds-${randomUUID()}.parquet`);
}

/** When a leaf's value, as the side file has it, loses something; null for never. */
function lossOf(row: SchemaRow, loss: (typeof LOSSES)[number], value: string): string | null {
  const isNanoseconds = loss === 'nanoseconds';
  if (row.type === 'INT96') return `${isNanoseconds ? HAS_NANOS : IS_NO_MOMENT}(${value})`;
  const [, kind, unit] =
    /^(Time|Timestamp)Type\(isAdjustedToUTC=1.*=(Milli|Micro|Nano)Seconds/.exec(row.logical_type ?? '') ?? [];
  if (isNanoseconds) return unit === 'Nano' ? `${value} % 1000 <> 0` : null;
  if (row.range) return `${value} NOT BETWEEN ${row.range[0]} AND ${row.range[1]}`;
  if (kind === 'Time') {
    return `${value} NOT BETWEEN 0 AND ${DAY_SECONDS * { Milli: 1e3, Micro: 1e6, Nano: 1e9 }[unit as 'Milli' | 'Micro' | 'Nano']}`;
  }
  const bits = row.converted_type === 'DECIMAL' ? keptBits(Number(row.precision ?? 0)) : 64;
  const isShortened = (row.type === 'INT32' && bits < 32) || (row.type === 'INT64' && bits < 64);
  return isShortened ? `${value} NOT BETWEEN ${-(2 ** (bits - 1))} AND ${2 ** (bits - 1) - 1}` : null;
}

/** In how many bits DuckDB keeps a decimal of so many digits; what is above them is gone. */
function keptBits(precision: number): number {
  return precision <= 4 ? 16 : precision <= 9 ? 32 : 64;
}

const mayLose = (row: SchemaRow) => LOSSES.some((loss) => lossOf(row, loss, '') !== null);

/** Whether there is a leaf in the column that DuckDB may read as less, or as something else. */
export function mayBeMisread({ rows }: SchemaColumn): boolean {
  return rows.some((row) => row.type !== null && mayLose(row));
}

/**
 * Fills {@link LOST_ROWS} from the columns given by their positions, all of which {@link mayBeMisread}, and returns the
 * codes that stand there. A file with more of such rows than anybody could be told of is refused.
 */
export async function findLost(
  connection: DuckDBConnection,
  filePath: string,
  side: string,
  columns: ReadonlyMap<number, SchemaColumn>,
): Promise<Set<number>> {
  try {
    await writeSideFile(filePath, side, [...columns.values()]);
    connection.registerScalarFunction(int96Function(HAS_NANOS, (bytes) => bytes.readBigInt64LE(0) % 1000n !== 0n));
    connection.registerScalarFunction(int96Function(IS_NO_MOMENT, isNoMoment));
    const references = [...columns.keys()].map((position) => `c${position}`);
    const source = `read_parquet(${sqlPath(side)}, hive_partitioning = false) AS side(${references.join(', ')})`;
    const types = (await connection.run(`SELECT * FROM ${source} LIMIT 0`)).columnTypes();
    const lost = [...columns].flatMap(([position, { rows }], index) =>
      LOSSES.map((loss) => {
        const leaves = rows.filter(({ type }) => type !== null).values();
        const when = losesInside(`c${position}`, types[index] as DuckDBType, leaves, loss, 0);
        return `CASE WHEN ${when} THEN ${lostCode(position, loss)} END`;
      }),
    );
    await connection.run(`CREATE TEMP TABLE ${LOST_ROWS} AS
      SELECT c, n FROM (SELECT unnest([${lost.join(', ')}]) AS c, file_row_number AS n FROM ${source})
      WHERE c IS NOT NULL LIMIT ${MAX_WITHHELD_NUMBERS + 1}`);
    const found = await queryRows(connection, `SELECT c, count(*) AS rows FROM ${LOST_ROWS} GROUP BY c`);
    if (found.reduce((sum, { rows }) => sum + Number(rows), 0) > MAX_WITHHELD_NUMBERS) {
      throw new FormatFault(
        'unsupported_type',
        'Most rows hold nanoseconds, which PostgreSQL does not keep, or values outside the range of their type.',
      );
    }
    return new Set(found.map(({ c }) => Number(c)));
  } finally {
    await rm(side, { force: true });
  }
}

/** Whether any of the leaves in a value loses something. */
function losesInside(
  value: string,
  type: DuckDBType,
  leaves: IterableIterator<SchemaRow>,
  loss: (typeof LOSSES)[number],
  depth: number,
): string {
  const item = `x${depth}`;
  if (type instanceof DuckDBListType) {
    return anyItem(value, item, losesInside(item, type.valueType, leaves, loss, depth + 1));
  }
  if (type instanceof DuckDBMapType) {
    const key = losesInside(item, type.keyType, leaves, loss, depth + 1);
    const held = losesInside(item, type.valueType, leaves, loss, depth + 1);
    return `(${anyItem(`map_keys(${value})`, item, key)} OR ${anyItem(`map_values(${value})`, item, held)})`;
  }
  if (type instanceof DuckDBStructType) {
    const entries = type.entryTypes.map((entry, index) =>
      losesInside(`struct_extract_at(${value}, ${index + 1})`, entry, leaves, loss, depth),
    );
    return `(${entries.join(' OR ')})`;
  }
  const leaf = leaves.next().value;
  const when = leaf === undefined ? null : lossOf(leaf, loss, value);
  return when === null ? 'false' : `coalesce(${when}, false)`;
}

function anyItem(value: string, item: string, when: string): string {
  return when === 'false' ? 'false' : `coalesce(len(list_filter(${value}, lambda ${item}: ${when})) > 0, false)`;
}

/** INT96 is the nanoseconds of a day, then the day. DuckDB takes days before the first for very late ones. */
function isNoMoment(bytes: Buffer): boolean {
  const day = bytes.readInt32LE(8);
  const micros = (day - EPOCH_DAY) * DAY_SECONDS * 1e6 + Number(bytes.readBigInt64LE(0)) / 1000;
  // In so large numbers a double is 1024 off.
  return day < 0 || Math.abs(micros) > 2 ** 63 - 4096;
}

function int96Function(name: string, test: (bytes: Buffer) => boolean): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    returnType: BOOLEAN,
    parameterTypes: [BLOB],
    mainFunction: (_info, input, output) => {
      const values = input.getColumnVector(0);
      for (let row = 0; row < input.rowCount; row++) {
        const value = values.getItem(row) as { bytes: Uint8Array } | null;
        output.setItem(row, value !== null && test(Buffer.from(value.bytes)));
      }
      output.flush();
    },
  });
}

async function writeSideFile(filePath: string, side: string, columns: SchemaColumn[]): Promise<void> {
  const leaves = columns.flatMap(leavesOf);
  const { size } = await stat(filePath);
  const [input, output] = [await open(filePath, 'r'), await open(side, 'wx', 0o600)];
  try {
    // Not asked of DuckDB: to tell the rest it would write out the statistics, and fails on the earliest nanoseconds.
    const { fields } = await readFooter(input);
    await output.write('PAR1');
    let position = 4;
    let rowCount = 0;
    const groups: ThriftValue[] = [];
    for (const group of itemsOf(fields.get(4))) {
      const chunks = chunksOf(group);
      const written: ThriftValue[] = [];
      for (const leaf of leaves) {
        const chunk = chunks[leaf.leaf];
        if (chunk === undefined) throw new FormatFault('corrupt_file', 'A column is missing in a row group.');
        const metadata = fieldsOf(fieldsOf(chunk, [3]).get(3), [4, 5, 6, 7, 9, 11]);
        const from = intOf(metadata.get(11)) || intOf(metadata.get(9)) || 4;
        const length = Math.max(0, Math.min((intOf(metadata.get(7)) ?? 0) + CHUNK_SLACK_BYTES, size - from));
        await copyBytes(input, output, from, length);
        written.push(chunkEntry(leaf, metadata, position, from));
        position += length;
      }
      const rows = intOf(fieldsOf(group, [3]).get(3)) ?? 0;
      rowCount += rows;
      groups.push(
        struct([
          [1, list(written)],
          [2, i64(0)],
          [3, i64(rows)],
        ]),
      );
    }
    const root = struct([
      [4, text('schema')],
      [5, i32(columns.length)],
    ]);
    const footer = struct([
      [1, i32(1)],
      [2, list([root, ...columns.flatMap(({ rows }) => rows.map(schemaEntry))])],
      [3, i64(rowCount)],
      [4, list(groups)],
    ]).bytes;
    const tail = Buffer.alloc(8, 'xxxxPAR1');
    tail.writeUInt32LE(footer.length);
    await output.write(Buffer.concat([footer, tail]));
  } finally {
    await input.close();
    await output.close();
  }
}

interface SideLeaf {
  /** Number among all leaves of the file. */
  leaf: number;
  row: SchemaRow;
  path: string[];
}

function leavesOf({ rows, firstLeaf }: SchemaColumn): SideLeaf[] {
  const found: SideLeaf[] = [];
  const open: { name: string; left: number }[] = [];
  for (const row of rows) {
    const above = open.map(({ name }) => name);
    if (row.type !== null) found.push({ leaf: firstLeaf + found.length, row, path: [...above, row.name] });
    else open.push({ name: row.name, left: Number(row.num_children ?? 0) + 1 });
    // A node that was the last of its parent ends the parent too.
    for (let last = open.at(-1); last !== undefined && --last.left <= 0; last = open.at(-1)) open.pop();
  }
  return found;
}

/** A leaf is what its bytes are, whatever they mean. */
function sideType(row: SchemaRow): number {
  return row.type === 'INT96' ? FIXED : PHYSICAL.indexOf(row.type ?? '');
}

function schemaEntry(row: SchemaRow): ThriftValue {
  const group = GROUP_TYPES[row.converted_type ?? ''];
  const length = row.type === 'INT96' ? 12 : Number(row.type_length ?? 0);
  return struct([
    [1, row.type === null ? null : i32(sideType(row))],
    [2, length === 0 ? null : i32(length)],
    [3, i32(Math.max(0, REPETITIONS.indexOf(row.repetition_type ?? '')))],
    [4, text(row.name)],
    [5, row.type === null ? i32(Number(row.num_children ?? 0)) : null],
    [6, row.type === null && group !== undefined ? i32(group) : null],
  ]);
}

function chunkEntry(
  { row, path: names }: SideLeaf,
  metadata: ThriftFields,
  position: number,
  from: number,
): ThriftValue {
  const numberOf = (id: number) => i64(intOf(metadata.get(id)) ?? 0);
  return struct([
    [2, i64(position)],
    [
      3,
      struct([
        [1, i32(sideType(row))],
        [2, list([i32(0), i32(3)])],
        [3, list(names.map(text))],
        [4, i32(intOf(metadata.get(4)) ?? 0)],
        [5, numberOf(5)],
        [6, numberOf(6)],
        [7, numberOf(7)],
        [9, i64(position + (intOf(metadata.get(9)) ?? from) - from)],
        [11, intOf(metadata.get(11)) ? i64(position) : null],
      ]),
    ],
  ]);
}

type File = Awaited<ReturnType<typeof open>>;

async function copyBytes(input: File, output: File, from: number, length: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, Math.max(length, 1)));
  for (let done = 0; done < length; ) {
    const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, length - done), from + done);
    if (bytesRead === 0) throw new FormatFault('truncated_file', 'The file ended while it was being read.');
    await output.write(buffer, 0, bytesRead);
    done += bytesRead;
  }
}
