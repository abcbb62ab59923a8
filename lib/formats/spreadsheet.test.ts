import { writeXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import { type ConvertSummary, convertToParquet, type FileSample } from './convert-to-parquet.ts';
import { openSpreadsheet, SHEET_CSV } from './spreadsheet.ts';
import { MemorySink } from './testing/read-parquet.ts';

const day = (text: string) => new Date(`${text}Z`);

async function readSheet(bytes: Uint8Array, index = 0): Promise<FileSample & { summary: ConvertSummary }> {
  const book = await openSpreadsheet(bytes);
  let sample: FileSample | undefined;
  const summary = await convertToParquet({
    open: () => book.openSheet(index),
    format: 'csv',
    csv: SHEET_CSV,
    sink: new MemorySink(),
    onSample: (found) => {
      sample = found;
    },
  });
  return { ...sample!, summary };
}

test('a sheet becomes rows: texts as they are, numbers as written, dates in ISO form', async () => {
  const bytes = await writeXlsx({
    sheets: [
      { name: 'Vazia & “só” <1>', rows: [] },
      {
        name: 'Dados',
        rows: [
          ['cnpj', 'nome', 'saldo', 'desde', 'visto', 'ativo'],
          ['00012345000199', 'Açúcar, "Cia"\ne filhos', 1234.5, day('2026-11-22'), day('2026-11-22T14:05:00'), true],
          [],
          ['00000000000001', null, -0.05, null, null, false],
          ['2', 'curta'],
        ],
      },
    ],
  });
  expect((await openSpreadsheet(bytes)).sheets).toEqual(['Vazia & “só” <1>', 'Dados']);
  const { columns, rows, summary } = await readSheet(bytes, 1);
  expect(columns.map(({ name }) => name)).toEqual(['cnpj', 'nome', 'saldo', 'desde', 'visto', 'ativo']);
  expect(rows).toEqual([
    ['00012345000199', 'Açúcar, "Cia"\ne filhos', '1234.5', '2026-11-22', '2026-11-22T14:05:00', 'true'],
    ['00000000000001', null, '-0.05', null, null, 'false'],
    ['2', 'curta', null, null, null, null],
  ]);
  expect(summary).toMatchObject({ rowCount: 3, rowFaultCount: 0 });
});

test('an empty sheet and a damaged file are named as such', async () => {
  const bytes = await writeXlsx({ sheets: [{ name: 'Vazia', rows: [] }] });
  await expect(readSheet(bytes)).rejects.toMatchObject({ code: 'empty_file' });
  await expect(openSpreadsheet(bytes.subarray(0, 200))).rejects.toMatchObject({ code: 'corrupt_file' });
  await expect(openSpreadsheet(new TextEncoder().encode('PK\x03\x04 not really'))).rejects.toMatchObject({
    code: 'corrupt_file',
  });
});
