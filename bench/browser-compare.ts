import { DuckDBInstance } from '@duckdb/node-api';
import { COLUMNS } from './browser-data.ts';

/** Compares the rows of a Parquet with those of the CSV, in order, and looks for characters that were lost. */
export async function compareRows(csv: string, parquet: string, rows: number): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const names = COLUMNS.map(([name]) => name);
  // A spreadsheet holds numbers, not digits: 1.50 is 1.5 there.
  const cell = (name: string) => (name === 'saldo' ? `cast(try_cast(saldo as double) as varchar)` : name);
  const cells = names.map((name) => `coalesce(${cell(name)}, '\u2205')`).join(`, '\u241f', `);
  const lost = names.map((name) => `count(*) filter (contains(${name}, '\ufffd'))`).join(' + ');
  const ask = async (source: string) => {
    const answer = await connection.runAndReadAll(
      `select count(*)::varchar, sum(hash(number, concat(${cells}))::hugeint)::varchar, (${lost})::varchar
         from (select row_number() over () as number, * from ${source})`,
    );
    return (answer.getRows()[0] ?? []) as string[];
  };
  try {
    const options = `all_varchar = true, header = true, nullstr = '', quote = '"', escape = '"', parallel = false`;
    const [, expected] = await ask(`read_csv('${csv}', ${options})`);
    const [count, found, replaced] = await ask(`read_parquet('${parquet}')`);
    return [
      ...(Number(count) === rows ? [] : [`${count} rows instead of ${rows}`]),
      ...(found === expected ? [] : ['the rows are not those of the source']),
      ...(replaced === '0' ? [] : [`${replaced} cells with U+FFFD`]),
    ];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
