import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { convertToParquet } from './convert-to-parquet.ts';
import { restoreRowsAsJson } from './restore-rows.ts';
import { MemorySink, readParquet } from './testing/read-parquet.ts';

it('turns the sample of suppliers into Parquet and back', async () => {
  const bytes = await readFile(new URL('../../public/samples/lista_fornecedores.json', import.meta.url));
  const sink = new MemorySink();
  const { note, columns: found } = await convertToParquet({
    open: () => new Blob([bytes]).stream(),
    format: 'json',
    sink,
  });
  expect(Object.fromEntries(found.map(({ name, encoding }) => [name, encoding]))).toMatchObject({
    documento: 'string',
    limite_credito: 'number',
    enderecos: 'json',
    contatos: 'json',
  });
  const { columns, cells } = await readParquet(sink.bytes);
  const rows = restoreRowsAsJson(note, columns, cells).map((row) => JSON.parse(row));
  expect(rows).toStrictEqual(JSON.parse(bytes.toString()));
  expect(rows.length).toBeGreaterThanOrEqual(25);
});
