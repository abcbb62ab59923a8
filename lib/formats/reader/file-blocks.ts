import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FormatFault } from '../format-fault.ts';
import { MAX_ROW_CHARS } from '../json-scanner.ts';
import { StrictDecoder } from '../text-decoding.ts';

// Enough that a read does not count, little enough to stay in the processor's cache; other sizes were not measured.
const BLOCK_BYTES = 256 << 10;

/** Enough to tell how a CSV file is written. */
const HEAD_BYTES = 64 << 10;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

// Nobody notices so short a wait, and so few looks cost nothing.
const ARRIVAL_INTERVAL_MS = 10;

/** A run of a file's bytes. */
export interface FileRange {
  path: string;
  from?: number | null;
  to?: number | null;
  /** How long the file will be once it is here, if somebody is still writing it, front to back. */
  arrivingBytes?: number | undefined;
}

/**
 * Is shown bytes that follow one another, each time with those it did not take before, and says how many it takes, or
 * null to give up. `offset` is the first one's in the file. The bytes are overwritten afterwards.
 */
export type TakeBytes = (bytes: Buffer, offset: number, isLast: boolean) => number | null;

/** Shows the bytes of a file, front to back; null where `take` gave up, or left more than a row may have. */
export async function eachBlock(range: FileRange, take: TakeBytes): Promise<{ size: number } | null> {
  const file = await open(range.path, 'r');
  try {
    const size = range.arrivingBytes ?? (await file.stat()).size;
    const end = Math.min(size, range.to ?? size);
    let held = 0;
    let buffer = Buffer.allocUnsafe(2 * BLOCK_BYTES);
    for (let position = range.from ?? 0; position < end; ) {
      // What is left of a long row is looked at again from its start: as much again each time, or it never ends.
      const block = Math.max(BLOCK_BYTES, held);
      if (buffer.length < held + block) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const wanted = buffer.subarray(held, held + Math.min(block, end - position));
      const bytesRead = await readSome(file, wanted, position, range);
      if (bytesRead === 0) return null;
      const length = held + bytesRead;
      const taken = take(buffer.subarray(0, length), position - held, position + bytesRead >= end);
      if (taken === null || length - taken > MAX_ROW_CHARS) return null;
      position += bytesRead;
      held = length - taken;
      buffer.copyWithin(0, taken, length);
    }
    return { size };
  } finally {
    await file.close();
  }
}

/** Reads what is there; of a file on its way at least a byte. */
export async function readSome(
  file: FileHandle,
  buffer: Buffer,
  position: number,
  { arrivingBytes }: Pick<FileRange, 'arrivingBytes'>,
): Promise<number> {
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead > 0 || arrivingBytes === undefined) return bytesRead;
    await sleep(ARRIVAL_INTERVAL_MS);
  }
}

/** The first bytes of a file, 64 KB unless it is smaller, and how many it has. */
export async function readHead({ path, arrivingBytes }: FileRange): Promise<{ head: Uint8Array; size: number }> {
  let head: Uint8Array = new Uint8Array(0);
  const found = await eachBlock({ path, to: HEAD_BYTES, arrivingBytes }, (bytes, _offset, isLast) => {
    head = Uint8Array.from(bytes);
    return isLast ? bytes.length : 0;
  });
  if (head.length === 0) throw new FormatFault('empty_file', 'The file has no bytes.');
  return { head, size: found?.size ?? head.length };
}

/** How many rows a text file has, guessed from the length of its first ones. */
export function guessRows(head: Uint8Array, size: number): number {
  const newline = head.includes(LINE_FEED) ? LINE_FEED : CARRIAGE_RETURN;
  let lines = 0;
  for (const byte of head) if (byte === newline) lines += 1;
  return (size / head.length) * lines;
}

/** The bytes of a file, front to back. */
export async function* bytesOf(range: FileRange): AsyncGenerator<Uint8Array> {
  const file = await open(range.path, 'r');
  try {
    const size = range.arrivingBytes ?? (await file.stat()).size;
    const end = Math.min(size, range.to ?? size);
    for (let position = range.from ?? 0; position < end; ) {
      const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, end - position));
      const bytesRead = await readSome(file, block, position, range);
      if (bytesRead === 0) return;
      yield block.subarray(0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/**
 * As {@link eachBlock}, the text as UTF-8 and without a byte order mark; offsets count bytes of this. Gives up on bytes
 * that are no text in the encoding.
 */
export async function eachUtf8Block(
  range: FileRange,
  encoding: string,
  take: TakeBytes,
): Promise<{ size: number } | null> {
  const decoder = new StrictDecoder(encoding, range.from ?? 0);
  if (decoder.encoding === 'utf-8') return eachBlock(range, checkUtf8(take));
  let rest = Buffer.alloc(0);
  let offset = 0;
  return eachBlock(range, (bytes, _offset, isLast) => {
    const text = [...decoder.decode(bytes), ...(isLast ? [decoder.end()] : [])];
    const utf8 = Buffer.concat([rest, ...text.map((piece) => Buffer.from(piece))]);
    const taken = take(utf8, offset, isLast);
    if (taken === null || utf8.length - taken > MAX_ROW_CHARS) return null;
    offset += taken;
    rest = utf8.subarray(taken);
    return bytes.length;
  });
}

function checkUtf8(take: TakeBytes): TakeBytes {
  const check = new Utf8Check();
  return (bytes, offset, isLast) => {
    if (!check.isSound(bytes, offset, isLast)) return null;
    const mark = utf8MarkLength(bytes, offset);
    const taken = take(bytes.subarray(mark), offset + mark, isLast);
    return taken === null || taken === 0 ? taken : taken + mark;
  };
}

/** How many bytes of a file's first ones, or of those at another offset, are a byte order mark of UTF-8. */
export function utf8MarkLength(bytes: Uint8Array, offset: number): number {
  return offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** Says of bytes as {@link eachBlock} shows them whether they are UTF-8; the last four must not be taken before the end. */
export class Utf8Check {
  #checkedTo = 0;

  isSound(bytes: Buffer, offset: number, isLast: boolean): boolean {
    const from = Math.max(0, this.#checkedTo - offset);
    const end = isLast ? bytes.length : lastCharacterStart(bytes);
    if (end <= from) return true;
    this.#checkedTo = offset + end;
    return isUtf8(bytes.subarray(from, end));
  }
}

/** Where the last character begins, of which the end may be missing. */
function lastCharacterStart(bytes: Buffer): number {
  let at = bytes.length - 1;
  while (at > bytes.length - 4 && at > 0 && ((bytes[at] as number) & 0xc0) === 0x80) at -= 1;
  return Math.max(at, 0);
}
