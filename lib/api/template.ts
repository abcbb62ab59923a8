import { exampleRow } from '../figura/example-row.ts';
import type { Figura } from '../figura/figura.ts';
import { convertToParquet } from '../formats/convert-to-parquet.ts';
import { BYTE_ORDER_MARK, cellText, csvCell } from './error-download.ts';
import type { TemplateFormat } from './query-schemas.ts';

/** The columns and one example row as CSV, with the mark that spreadsheets want. */
export function csvTemplate(figura: Figura): string {
  const row = exampleRow(figura);
  const lines = [Object.keys(row), Object.values(row).map(cellText)];
  return BYTE_ORDER_MARK + lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** A file with a figura's columns, for somebody to begin with: with one example row, or empty. */
export async function makeTemplate(figura: Figura, format: TemplateFormat, hasExample: boolean): Promise<Uint8Array> {
  const row = exampleRow(figura);
  const encoder = new TextEncoder();
  if (format === 'json') return encoder.encode(`${JSON.stringify(hasExample ? [row] : [], null, 2)}\n`);
  const header = `${BYTE_ORDER_MARK}${Object.keys(row).map(csvCell).join(',')}\r\n`;
  if (format === 'csv') return encoder.encode(hasExample ? csvTemplate(figura) : header);
  const chunks: Uint8Array[] = [];
  const source = encoder.encode(hasExample ? `${JSON.stringify(row)}\n` : header);
  await convertToParquet({
    open: async function* () {
      yield source;
    },
    format: hasExample ? 'ndjson' : 'csv',
    csv: { encoding: 'utf-8', delimiter: ',', header: true },
    sink: {
      write: async (bytes) => {
        // The writer uses its buffers again.
        chunks.push(bytes.slice());
      },
      close: async () => {},
    },
  });
  return Buffer.concat(chunks);
}
