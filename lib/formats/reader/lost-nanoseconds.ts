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
  DuckDBTypeId,
} from '@duckdb/node-api';
import { FormatFault } from '../format-fault.ts';
import { queryRows, sqlPath } from './duckdb-session.ts';
import type { SchemaColumn, SchemaRow } from './parquet-schema.ts';
import { MAX_WITHHELD_NUMBERS } from './protocol.ts';
import { i32, i64, list, struct, type ThriftValue, text } from './thrift-writer.ts';

// DuckDB cuts three kinds of Parquet values to microseconds without a word: timestamps in UTC and times in UTC of
// nanoseconds, and INT96. What was cut off is found in a side file: the same pages under a footer that calls those
// columns plain integers. Only their bytes are copied, and only files that have such columns pay for it.

/** Table of the rows that lost something: `c` position of the column, `n` row number counted from 0. */
export const LOST_ROWS = 'carga_lost_rows';

const HAS_NANOS = 'carga_has_nanos';

/** Old writers count a chunk without the header of its dictionary; readers of all kinds look a little further. */
const CHUNK_SLACK_BYTES = 128;

const COPY_BYTES = 1 << 20;

const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'];
const FIXED = PHYSICAL.length - 1;
const REPETITIONS = ['REQUIRED', 'OPTIONAL', 'REPEATED'];
const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'];
/** Converted types that say how lists and maps are built; the ones of leaves are left out on purpose. */
const GROUP_TYPES: Record<string, number> = { MAP: 1, MAP_KEY_VALUE: 2, LIST: 3 };

interface ChunkRow {
  row_group_id: bigint;
  row_group_num_rows: bigint;
  column_id: bigint;
  num_values: bigint;
  compression: string;
  dictionary_page_offset: bigint | null;
  data_page_offset: bigint | null;
  total_compressed_size: bigint;
  total_uncompressed_size: bigint;
}

/** A name for the side file, to be allowed before DuckDB is locked. */
export function sidePath(): string {
  return path.join(tmpdir(), `nanoseconds-${randomUUID()}.parquet`);
}

/** Whether DuckDB reads the leaf with less than it holds. */
function isCut({ type, logical_type }: SchemaRow): boolean {
  return type === 'INT96' || /^Time(stamp)?Type\(isAdjustedToUTC=1.*NANOS=NanoSeconds/.test(logical_type ?? '');
}

/** Whether there is such a leaf in the column. */
export function mayLoseNanoseconds({ rows }: SchemaColumn): boolean {
  return rows.some(isCut);
}

/**
 * Fills {@link LOST_ROWS} from the columns given by their positions, all of which {@link mayLoseNanoseconds}, and says
 * which of them have such rows. A file with more of them than anybody could be told of is refused.
 */
export async function findLostNanoseconds(
  connection: DuckDBConnection,
  filePath: string,
  side: string,
  columns: ReadonlyMap<number, SchemaColumn>,
): Promise<Set<number>> {
  try {
    await writeSideFile(connection, filePath, side, [...columns.values()]);
    connection.registerScalarFunction(hasNanosFunction());
    const references = [...columns.keys()].map((position) => `c${position}`);
    const source = `read_parquet(${sqlPath(side)}, hive_partitioning = false) AS side(${references.join(', ')})`;
    const types = (await connection.run(`SELECT * FROM ${source} LIMIT 0`)).columnTypes();
    const conditions = [...columns].map(([position, { rows }], index) => {
      const leaves = rows
        .filter(({ type }) => type !== null)
        .map(isCut)
        .values();
      return { position, when: hasNanos(`c${position}`, types[index] as DuckDBType, leaves, 0) };
    });
    const lost = conditions.map(({ position, when }) => `CASE WHEN ${when} THEN ${position} END`);
    await connection.run(`CREATE TEMP TABLE ${LOST_ROWS} AS
      SELECT c, n FROM (SELECT unnest([${lost.join(', ')}]) AS c, file_row_number AS n FROM ${source})
      WHERE c IS NOT NULL LIMIT ${MAX_WITHHELD_NUMBERS + 1}`);
    const found = await queryRows(connection, `SELECT c, count(*) AS rows FROM ${LOST_ROWS} GROUP BY c`);
    if (found.reduce((sum, { rows }) => sum + Number(rows), 0) > MAX_WITHHELD_NUMBERS) {
      throw new FormatFault('unsupported_type', 'Most rows hold nanoseconds; PostgreSQL keeps microseconds.');
    }
    return new Set(found.map(({ c }) => Number(c)));
  } finally {
    await rm(side, { force: true });
  }
}

/** Whether any of the cut leaves in a value has more than microseconds. */
function hasNanos(value: string, type: DuckDBType, leaves: IterableIterator<boolean>, depth: number): string {
  const item = `x${depth}`;
  if (type instanceof DuckDBListType) {
    return anyItem(value, item, hasNanos(item, type.valueType, leaves, depth + 1));
  }
  if (type instanceof DuckDBMapType) {
    const key = hasNanos(item, type.keyType, leaves, depth + 1);
    const held = hasNanos(item, type.valueType, leaves, depth + 1);
    return `(${anyItem(`map_keys(${value})`, item, key)} OR ${anyItem(`map_values(${value})`, item, held)})`;
  }
  if (type instanceof DuckDBStructType) {
    const entries = type.entryTypes.map((entry, index) =>
      hasNanos(`struct_extract_at(${value}, ${index + 1})`, entry, leaves, depth),
    );
    return `(${entries.join(' OR ')})`;
  }
  if (!leaves.next().value) return 'false';
  return type.typeId === DuckDBTypeId.BLOB
    ? `coalesce(${HAS_NANOS}(${value}), false)`
    : `coalesce(${value} % 1000 <> 0, false)`;
}

function anyItem(value: string, item: string, when: string): string {
  return when === 'false' ? 'false' : `coalesce(len(list_filter(${value}, lambda ${item}: ${when})) > 0, false)`;
}

/** INT96 begins with the nanoseconds of its day. */
function hasNanosFunction(): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name: HAS_NANOS,
    returnType: BOOLEAN,
    parameterTypes: [BLOB],
    mainFunction: (_info, input, output) => {
      const values = input.getColumnVector(0);
      for (let row = 0; row < input.rowCount; row++) {
        const value = values.getItem(row) as { bytes: Uint8Array } | null;
        const bytes = value === null ? null : Buffer.from(value.bytes);
        output.setItem(row, bytes !== null && bytes.readBigInt64LE(0) % 1000n !== 0n);
      }
      output.flush();
    },
  });
}

async function writeSideFile(
  connection: DuckDBConnection,
  filePath: string,
  side: string,
  columns: SchemaColumn[],
): Promise<void> {
  const metadata = await connection.runAndReadAll(
    `SELECT row_group_id, row_group_num_rows, column_id, num_values, compression, dictionary_page_offset,
            data_page_offset, total_compressed_size, total_uncompressed_size
       FROM parquet_metadata(${sqlPath(filePath)}) ORDER BY row_group_id, column_id`,
  );
  const chunks = Map.groupBy(metadata.getRowObjects() as unknown as ChunkRow[], (chunk) => chunk.row_group_id);
  const leaves = columns.flatMap(leavesOf);
  const { size } = await stat(filePath);
  const [input, output] = [await open(filePath, 'r'), await open(side, 'wx', 0o600)];
  try {
    await output.write('PAR1');
    let position = 4;
    const groups: ThriftValue[] = [];
    for (const group of chunks.values()) {
      const byLeaf = new Map(group.map((chunk) => [Number(chunk.column_id), chunk]));
      const written: ThriftValue[] = [];
      for (const leaf of leaves) {
        const chunk = byLeaf.get(leaf.leaf);
        if (chunk === undefined) throw new FormatFault('corrupt_file', 'A column is missing in a row group.');
        const from = Number(chunk.dictionary_page_offset || chunk.data_page_offset || 4);
        const length = Math.max(0, Math.min(Number(chunk.total_compressed_size) + CHUNK_SLACK_BYTES, size - from));
        await copyBytes(input, output, from, length);
        written.push(chunkEntry(leaf, chunk, position, from));
        position += length;
      }
      groups.push(
        struct([
          [1, list(written)],
          [2, i64(0)],
          [3, i64(group[0]?.row_group_num_rows ?? 0n)],
        ]),
      );
    }
    const rowCount = [...chunks.values()].reduce((sum, [first]) => sum + (first?.row_group_num_rows ?? 0n), 0n);
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

function chunkEntry({ row, path: names }: SideLeaf, chunk: ChunkRow, position: number, from: number): ThriftValue {
  const hasDictionary = Boolean(chunk.dictionary_page_offset);
  return struct([
    [2, i64(position)],
    [
      3,
      struct([
        [1, i32(sideType(row))],
        [2, list([i32(0), i32(3)])],
        [3, list(names.map(text))],
        [4, i32(CODECS.indexOf(chunk.compression))],
        [5, i64(chunk.num_values)],
        [6, i64(chunk.total_uncompressed_size)],
        [7, i64(chunk.total_compressed_size)],
        [9, i64(position + Number(chunk.data_page_offset ?? from) - from)],
        [11, hasDictionary ? i64(position) : null],
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
