import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { chunksOf, PARQUET, readBytes, readFooter } from './parquet-footer.ts';
import type { FilePart } from './protocol.ts';
import { damaged, readPageHead, startOfPages } from './readable-pages.ts';
import { fieldsOf, intOf, itemsOf, type ThriftFields } from './thrift-reader.ts';

/** So much of a page is in memory at once. */
const READ_BYTES = 1 << 20;

/**
 * Checks the pages of a file against the checksums that its writer left in their headers, which DuckDB passes over.
 * The first page without one ends the look: writers leave them everywhere or nowhere.
 */
export async function checkPages(filePath: string, part: FilePart | null): Promise<void> {
  const file = await open(filePath, 'r');
  try {
    const { fields, start } = await readFooter(file);
    let row = 1;
    for (const group of itemsOf(fields.get(4))) {
      const firstRow = row;
      row += intOf(fieldsOf(group, [3]).get(3)) ?? 0;
      if (part !== null && (row <= part.firstRow || firstRow >= part.firstRow + part.rowCount)) continue;
      for (const chunk of chunksOf(group)) {
        const metadata = fieldsOf(fieldsOf(chunk, [3]).get(3), [5, 9, 11]);
        if (!(await checkChunk(file, start, metadata))) return;
      }
    }
  } finally {
    await file.close();
  }
}

/** Whether the pages of a column chunk have checksums, which are right. */
async function checkChunk(file: FileHandle, footerStart: number, metadata: ThriftFields): Promise<boolean> {
  let at = startOfPages(metadata);
  for (let left = intOf(metadata.get(5)) ?? 0; left > 0; ) {
    const page = await readPageHead(file, at, footerStart);
    if (page.checksum === null) return false;
    const sum = await sumOf(file, page.bodyStart, page.packedBytes);
    if (sum !== page.checksum) throw damaged('the checksum of a page is wrong');
    at = page.bodyStart + page.packedBytes;
    const own = page.header.get(page.type === PARQUET.page.DATA_V2 ? 8 : 5);
    left -= Math.max(0, intOf(fieldsOf(own).get(1)) ?? 0);
  }
  return true;
}

async function sumOf(file: FileHandle, position: number, length: number): Promise<number> {
  let sum = 0;
  for (let done = 0; done < length; done += READ_BYTES) {
    sum = crc32(await readBytes(file, position + done, Math.min(READ_BYTES, length - done)), sum);
  }
  return sum;
}
