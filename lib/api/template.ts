import { exampleRow } from '../figura/example-row.ts';
import type { Figura } from '../figura/figura.ts';
import { convertToParquet } from '../formats/convert-to-parquet.ts';
import { BYTE_ORDER_MARK, cellText, csvLine } from './error-download.ts';
import type { CsvDelimiter, TemplateFormat } from './query-schemas.ts';
import { spreadsheetTemplate } from './spreadsheet-template.ts';

/** The columns and one example row as CSV, with the mark that spreadsheets want. */
export function csvTemplate(figura: Figura, delimiter: CsvDelimiter = ','): string {
  const cells = Object.values(exampleRow(figura)).map(cellText);
  // Where cells are divided by semicolons, the comma is the decimal mark.
  const written = delimiter === ',' ? cells : cells.map((text) => text.replace(/^(\d+)\.(\d+)$/, '$1,$2'));
  return csvHeader(figura, delimiter) + csvLine(written, delimiter);
}

function csvHeader(figura: Figura, delimiter: CsvDelimiter): string {
  return BYTE_ORDER_MARK + csvLine(Object.keys(exampleRow(figura)), delimiter);
}

/** A file with a figura's columns, for somebody to begin with: with one example row, or empty. */
export async function makeTemplate(
  figura: Figura,
  format: TemplateFormat,
  hasExample: boolean,
  delimiter: CsvDelimiter = ',',
): Promise<Uint8Array> {
  const row = exampleRow(figura);
  const encoder = new TextEncoder();
  if (format === 'json') return encoder.encode(`${JSON.stringify(hasExample ? [row] : [], null, 2)}\n`);
  if (format === 'csv') return encoder.encode((hasExample ? csvTemplate : csvHeader)(figura, delimiter));
  if (format === 'xlsx') return spreadsheetTemplate(figura, hasExample);
  const chunks: Uint8Array[] = [];
  const source = encoder.encode(hasExample ? `${JSON.stringify(row)}\n` : csvHeader(figura, ','));
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
