import { createHash, randomUUID } from 'node:crypto';
import { chmod, copyFile, type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FormatFault } from '../format-fault.ts';
import { chunksOf, type Footer, type Leaf, leavesOf, PARQUET, readFooter, structOf } from './parquet-footer.ts';
import { needsOtherPages, writeOtherPages } from './readable-pages.ts';
import { fieldsOf, intOf, isTrue, itemsOf, type ThriftFields } from './thrift-reader.ts';
import { i32, list, type ThriftValue } from './thrift-writer.ts';

// What some writers write and DuckDB does not read, or reads as something else, is written anew before it sees the
// file: the file as it is, the few pages concerned once more behind it, and a footer that speaks of those.

/** A query is made of them; more are never meant, and a footer of a few kilobytes can claim millions. */
const MAX_COLUMNS = 10_000;

/** Smallest and largest value. */
type Range = readonly [number, number];

/** A file that DuckDB reads rightly. */
export interface ReadableParquet {
  /** The file itself, where nothing had to be changed. */
  path: string;
  /** Rows of each row group. */
  groupRows: number[];
  /** Numbers of the leaves that are BSON, of which DuckDB knows only that they are bytes. */
  bsonLeaves: ReadonlySet<number>;
  /** Leaves of 8 or 16 bits whose statistics do not say that every value is in their range, by number: the range. */
  widerLeaves: ReadonlyMap<number, Range>;
}

/**
 * Finds or makes a file that DuckDB reads rightly. Made once in the folder for temporary files, which is the caller's:
 * the readers of one job find what the first of them made.
 */
export async function makeReadable(filePath: string, folder = tmpdir()): Promise<ReadableParquet> {
  const file = await open(filePath, 'r');
  try {
    const footer = await readFooter(file);
    if (footer.fields.has(8)) throw new FormatFault('encrypted_file', 'Columns of the Parquet file are encrypted.');
    const schema = itemsOf(footer.fields.get(2)).map((element) => fieldsOf(element));
    const columnCount = intOf(schema[0]?.get(5)) ?? 0;
    if (columnCount > MAX_COLUMNS) {
      throw new FormatFault('too_many_columns', `The file has ${columnCount} columns, ${MAX_COLUMNS} are allowed.`);
    }
    const leaves = leavesOf(schema);
    const bsonLeaves = findBson(schema);
    const changedSchema = restateMeanings(schema);
    const groups = itemsOf(footer.fields.get(4));
    const groupRows = groups.map((group) => intOf(fieldsOf(group, [3]).get(3)) ?? -1);
    if (groupRows.some((count) => count < 0)) {
      throw new FormatFault('corrupt_file', 'The Parquet footer claims a negative number of rows.');
    }
    const rowCount = groupRows.reduce((sum, count) => sum + count, 0);
    // Some writers never count all rows; one that counted them wrong has lost some.
    const stated = intOf(footer.fields.get(3)) ?? 0;
    if (stated !== 0 && stated !== rowCount) {
      throw new FormatFault('corrupt_file', `The Parquet footer claims ${stated} rows, its row groups ${rowCount}.`);
    }
    const found = { groupRows, bsonLeaves, widerLeaves: findWider(schema, groups) };
    const hasOtherPages = groups.some((group) =>
      chunksOf(group).some((chunk, index) => isUnreadable(chunk, leaves[index])),
    );
    if (!changedSchema && !hasOtherPages) return { path: filePath, ...found };
    if (changedSchema) footer.fields.set(2, list(schema.map(structOf)));
    return { path: await writeOnce(filePath, file, footer, leaves, folder), ...found };
  } finally {
    await file.close();
  }
}

/** A file may have a million of these: nothing is read but what tells. */
function isUnreadable(chunk: ThriftValue, leaf: Leaf | undefined): boolean {
  return leaf !== undefined && needsOtherPages(fieldsOf(fieldsOf(chunk, [3]).get(3), [2, 4]), leaf);
}

async function writeOnce(
  filePath: string,
  file: FileHandle,
  footer: Footer,
  leaves: Leaf[],
  folder: string,
): Promise<string> {
  const { size, mtimeMs } = await file.stat();
  const name = createHash('sha256').update(`${filePath}\0${size}\0${mtimeMs}`).digest('hex').slice(0, 32);
  const finished = path.join(folder, `readable-${name}.parquet`);
  if (await stat(finished).catch(() => null)) return finished;
  const draft = path.join(folder, `readable-${randomUUID()}.parquet`);
  try {
    await copyFile(filePath, draft);
    await chmod(draft, 0o600);
    await writeBehind(file, footer, leaves, draft);
    await rename(draft, finished);
  } finally {
    await rm(draft, { force: true });
  }
  return finished;
}

/** Puts the other pages and the other footer in the place of the footer. */
async function writeBehind(file: FileHandle, footer: Footer, leaves: Leaf[], draft: string): Promise<void> {
  const output = await open(draft, 'r+');
  try {
    let position = footer.start;
    const groups: ThriftValue[] = [];
    for (const group of itemsOf(footer.fields.get(4))) {
      const chunks: ThriftValue[] = [];
      for (const [index, chunk] of chunksOf(group).entries()) {
        const leaf = leaves[index];
        if (leaf === undefined || !isUnreadable(chunk, leaf)) {
          chunks.push(chunk);
          continue;
        }
        const fields = fieldsOf(chunk);
        const other = await writeOtherPages(file, footer.start, fieldsOf(fields.get(3)), leaf, output, position);
        position = other.end;
        fields.set(3, structOf(other.metadata));
        // Indexes of the old pages.
        for (const id of [4, 5, 6, 7]) fields.delete(id);
        chunks.push(structOf(fields));
      }
      groups.push(structOf(new Map(fieldsOf(group)).set(1, list(chunks))));
    }
    const bytes = structOf(new Map(footer.fields).set(4, list(groups))).bytes;
    const tail = Buffer.alloc(8, 'xxxxPAR1');
    tail.writeUInt32LE(bytes.length);
    const end = Buffer.concat([bytes, tail]);
    await output.write(end, 0, end.length, position);
    await output.truncate(position + end.length);
  } finally {
    await output.close();
  }
}

const { converted, logical } = PARQUET;

function findBson(schema: ThriftFields[]): Set<number> {
  const leaves = schema.filter((element) => element.has(1));
  return new Set(leaves.flatMap((element, leaf) => (isBson(element) ? [leaf] : [])));
}

function isBson(element: ThriftFields): boolean {
  return intOf(element.get(6)) === converted.BSON || fieldsOf(element.get(10)).has(logical.BSON);
}

/** Smallest and largest values of the integers that Parquet keeps in 32 bits and DuckDB in fewer. */
const RANGES = new Map<number | null, Range>([
  [converted.INT_8, [-128, 127]],
  [converted.INT_16, [-32_768, 32_767]],
  [converted.UINT_8, [0, 255]],
  [converted.UINT_16, [0, 65_535]],
]);

/** Of a value outside DuckDB would keep the lower bits without a word. */
function findWider(schema: ThriftFields[], groups: ThriftValue[]): Map<number, Range> {
  const leaves = schema.filter((element) => element.has(1)).map((element) => RANGES.get(intOf(element.get(6))));
  const narrow = leaves.flatMap((range, leaf) => (range === undefined ? [] : [[leaf, range] as const]));
  if (narrow.length === 0) return new Map();
  const chunks = groups.map(chunksOf);
  return new Map(narrow.filter(([leaf, range]) => chunks.some((group) => !isWithin(group[leaf], range))));
}

/** By the statistics, which are texts: their length stands before their bytes. */
function isWithin(chunk: ThriftValue | undefined, [least, most]: Range): boolean {
  const metadata = fieldsOf(fieldsOf(chunk, [3]).get(3), [5, 12]);
  const stated = fieldsOf(metadata.get(12));
  if (stated.has(3) && intOf(stated.get(3)) === intOf(metadata.get(5))) return true;
  return [stated.get(6) ?? stated.get(2), stated.get(5) ?? stated.get(1)].every((bound) => {
    if (bound?.bytes.length !== 5) return false;
    const value = bound.bytes.readInt32LE(1);
    return value >= least && value <= most;
  });
}

/**
 * States what DuckDB passes over: unsigned integers, decimals and dates whose meaning stands in the logical type alone.
 * BSON, which it refuses, becomes bytes, and a map without values the list of its keys.
 */
function restateMeanings(schema: ThriftFields[]): boolean {
  let isChanged = false;
  for (const [index, element] of schema.entries()) {
    const next = schema[index + 1];
    const change = element.has(1) ? restateLeaf(element) : next !== undefined && restateMap(element, next);
    isChanged = change || isChanged;
  }
  return isChanged;
}

function restateLeaf(element: ThriftFields): boolean {
  if (isBson(element)) return [6, 10].map((id) => element.delete(id)).includes(true);
  if (element.has(6)) return false;
  const meaning = fieldsOf(element.get(10));
  if (meaning.has(logical.DATE)) element.set(6, i32(converted.DATE));
  else if (meaning.has(logical.DECIMAL)) {
    const decimal = fieldsOf(meaning.get(logical.DECIMAL));
    element.set(6, i32(converted.DECIMAL));
    element.set(7, i32(intOf(decimal.get(1)) ?? 0));
    element.set(8, i32(intOf(decimal.get(2)) ?? 0));
  } else if (meaning.has(logical.INTEGER)) {
    const integer = fieldsOf(meaning.get(logical.INTEGER));
    const size = [8, 16, 32, 64].indexOf(intOf(integer.get(1)) ?? 0);
    if (isTrue(integer.get(2)) || size < 0) return false;
    element.set(6, i32(converted.UINT_8 + size));
  }
  return element.has(6);
}

function restateMap(element: ThriftFields, entry: ThriftFields): boolean {
  const kind = intOf(element.get(6));
  const isMap = kind === converted.MAP || kind === converted.MAP_KEY_VALUE;
  if (!(isMap || fieldsOf(element.get(10)).has(logical.MAP)) || intOf(element.get(3)) === 2) return false;
  if (intOf(element.get(5)) !== 1 || intOf(entry.get(5)) !== 1) return false;
  element.set(6, i32(converted.LIST));
  element.delete(10);
  entry.delete(6);
  entry.delete(10);
  return true;
}
