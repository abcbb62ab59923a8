import { expect, test } from 'vitest';
import { chosenFile, convertedName } from './file-name.ts';

test('a converted file keeps the name a person knows', () => {
  for (const name of ['municipios.csv', 'a.b.JSON', 'Relatório 1.xlsx']) {
    expect(chosenFile(convertedName(name))).toEqual({ name, isConverted: true });
  }
  for (const name of ['municipios.parquet', '.csv.parquet', 'a.csv', 'a.tar.parquet']) {
    expect(chosenFile(name)).toEqual({ name, isConverted: false });
  }
});
