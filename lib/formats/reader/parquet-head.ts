import { open } from 'node:fs/promises';
import { FormatFault } from '../format-fault.ts';

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** Magic at both ends and the length of the footer. */
const SMALLEST_FILE = 12;

/** Looks at both ends of a Parquet file: what is wrong there has a clearer name than any decoder gives it. */
export async function checkParquetEnds(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) throw new FormatFault('empty_file', 'The file has no bytes.');
    const head = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    const begin = head.toString('latin1');
    if (begin === ENCRYPTED_MAGIC) throw new FormatFault('encrypted_file', 'The Parquet footer is encrypted.');
    if (begin !== MAGIC) throw new FormatFault('not_parquet', 'The file does not begin as a Parquet file does.');
    const tail = Buffer.alloc(8);
    if (size >= SMALLEST_FILE) await file.read(tail, 0, 8, size - 8);
    if (tail.toString('latin1', 4) !== MAGIC) {
      throw new FormatFault('truncated_file', 'The end of the Parquet file is missing.', { byteOffset: size });
    }
    if (tail.readUInt32LE(0) > size - SMALLEST_FILE) {
      throw new FormatFault('corrupt_file', 'The Parquet footer claims to be longer than the file.');
    }
  } finally {
    await file.close();
  }
}
