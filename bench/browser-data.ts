import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { writeXlsx } from 'hucre/xlsx';

/** Columns of the generated files, and of the table they are meant for. */
export const COLUMNS = [
  ['id', 'uuid primary key'],
  ['razao_social', 'text not null'],
  ['cnpj', 'char(14)'],
  ['email', 'text'],
  ['telefone', 'text'],
  ['endereco', 'text'],
  ['saldo', 'numeric(15,2)'],
  ['criado_em', 'timestamp'],
  ['observacao', 'text'],
] as const;

const FIRST = [
  'Comércio',
  'Indústria',
  'Serviços',
  'Transportes',
  'Construções',
  'Alimentação',
  'Informática',
  'Têxtil',
];
const SECOND = [
  'São João',
  'Açaí',
  'Irmãos Gonçalves',
  'Vitória',
  'Pôr do Sol',
  'Três Corações',
  'D’Ávila',
  'Ipê & Cia',
];
const STREETS = ['Rua das Laranjeiras', 'Avenida Getúlio Vargas', 'Praça da República', 'Travessa João Pessoa'];
const CITIES = ['Goiânia/GO', 'São Luís/MA', 'Belém/PA', 'Florianópolis/SC', 'Maceió/AL', 'Ponta Porã/MS'];
const NOTES = [
  '',
  '',
  'Cliente desde a inauguração; paga em dia, prefere ser avisado por telefone.',
  'Disse: "só depois das 18h", e pediu nota fiscal.',
  'Duas linhas:\nendereço de entrega e endereço de cobrança são diferentes 🚚',
];

/** Row `number` of the generated data, the same at each call. */
export function rowOf(number: number): string[] {
  const mixed = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  const hex = mixed.toString(16).padStart(8, '0');
  const pick = (list: readonly string[], shift: number) => list[(mixed >>> shift) % list.length] as string;
  const name = `${pick(FIRST, 3)} ${pick(SECOND, 7)} ${number}`;
  return [
    `${hex}-${hex.slice(0, 4)}-4${hex.slice(1, 4)}-8${hex.slice(2, 5)}-${number.toString(16).padStart(12, '0')}`,
    mixed % 5 === 0 ? `${name}, Filial ${mixed % 90}` : name,
    String(mixed).padStart(14, '0'),
    `contato${number}@exemplo.com.br`,
    `(${11 + (mixed % 80)}) 9${String(mixed % 100_000_000).padStart(8, '0')}`,
    `${pick(STREETS, 5)}, ${mixed % 9000}, ${pick(CITIES, 11)}`,
    (mixed / 97).toFixed(2),
    new Date(1_500_000_000_000 + mixed * 60).toISOString().slice(0, 19).replace('T', ' '),
    pick(NOTES, 13),
  ];
}

const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Writes a CSV of `rows` rows; about 220 bytes a row. */
export async function writeCsv(path: string, rows: number): Promise<void> {
  const output = createWriteStream(path);
  let text = `${COLUMNS.map(([name]) => name).join(',')}\n`;
  for (let number = 0; number < rows; number++) {
    text += `${rowOf(number).map(quote).join(',')}\n`;
    if (text.length < 1 << 20) continue;
    if (!output.write(text)) await once(output, 'drain');
    text = '';
  }
  output.end(text);
  await once(output, 'finish');
}

/** Writes the same rows as a spreadsheet, `saldo` as numbers. */
export async function writeSheet(path: string, rows: number): Promise<void> {
  const cells: (string | number | null)[][] = [COLUMNS.map(([name]) => name)];
  for (let number = 0; number < rows; number++) {
    const row = rowOf(number);
    cells.push(row.map((cell, column) => (column === 6 ? Number(cell) : cell === '' ? null : cell)));
  }
  await writeFile(path, await writeXlsx({ sheets: [{ name: 'Fornecedores', rows: cells }] }));
}
