import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import { streamXlsxRows, writeXlsx } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { type ConvertSummary, convertToParquet, type FileSample } from '../convert-to-parquet.ts';
import { MemorySink } from '../testing/read-parquet.ts';
import { openSpreadsheet, SHEET_CSV } from './open-spreadsheet.ts';
import { SharedTexts } from './shared-texts.ts';

const day = (text: string) => new Date(`${text}Z`);
const open = (bytes: Uint8Array) => openSpreadsheet(new Blob([bytes as Uint8Array<ArrayBuffer>]));

async function readSheet(bytes: Uint8Array, index = 0): Promise<FileSample & { summary: ConvertSummary }> {
  const book = await open(bytes);
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

async function csvOf(bytes: Uint8Array, index = 0): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of (await open(bytes)).openSheet(index)) text += decoder.decode(piece, { stream: true });
  return text;
}

interface Parts {
  /** What `sheetData` holds. */
  rows: string;
  /** What `sst` holds. */
  texts?: string;
  /** What `styleSheet` holds. */
  styles?: string;
  /** Of `workbookPr`. */
  property?: string;
  state?: string;
}

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** A book as a writer of little means makes it. */
function bookOf({ rows, texts, styles, property = '', state = '' }: Parts): Record<string, Uint8Array> {
  const relation = (id: string, kind: string, target: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${kind}" Target="${target}"/>`;
  const files: Record<string, string> = {
    '_rels/.rels': `<Relationships>${relation('rId1', 'officeDocument', '/xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="${RELATIONS}"><workbookPr ${property}/><sheets>
      <sheet name="Gráfico" sheetId="9" r:id="rId9"/><sheet name="Escondida" sheetId="2" state="hidden" r:id="rId2"/>
      <sheet name="Dados" sheetId="1" ${state} r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${relation('rId1', 'worksheet', 'worksheets/sheet1.xml')}
      ${relation('rId2', 'worksheet', '/xl/worksheets/./sheet2.xml')}${relation('rId9', 'chartsheet', 'c.xml')}
      ${texts === undefined ? '' : relation('rId3', 'sharedStrings', '../xl/sharedStrings.xml')}
      ${styles === undefined ? '' : relation('rId4', 'styles', 'styles.xml')}</Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet ${MAIN}><sheetData>${rows}</sheetData></worksheet>`,
    'xl/worksheets/sheet2.xml': `<worksheet ${MAIN}><sheetData><row><c><v>2</v></c></row></sheetData></worksheet>`,
  };
  if (texts !== undefined) files['xl/sharedStrings.xml'] = `<sst ${MAIN}>${texts}</sst>`;
  if (styles !== undefined) files['xl/styles.xml'] = `<styleSheet ${MAIN}>${styles}</styleSheet>`;
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]));
}

const csvOfBook = (parts: Parts) => csvOf(zipSync(bookOf(parts)));

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
  expect((await open(bytes)).sheets).toEqual(['Vazia & “só” <1>', 'Dados']);
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
  const damaged = [bytes.subarray(0, 200), bytes.subarray(0, -30), strToU8('PK\x03\x04 not really'), strToU8('')];
  for (const file of damaged) await expect(open(file)).rejects.toMatchObject({ code: 'corrupt_file' });
});

test('a byte that changed on the way is found out', async () => {
  const files = bookOf({ rows: '<row><c><v>12345</v></c></row>' });
  const bytes = zipSync(files, { level: 0 });
  const at = Buffer.from(bytes).indexOf('<v>12345');
  bytes[at + 4] = '9'.charCodeAt(0);
  await expect(csvOf(bytes)).rejects.toMatchObject({ code: 'corrupt_file', detail: expect.stringMatching(/checksum/) });
});

/** The same archive with a directory that says everything in 64 bits, as some writers do whatever the size. */
function widened(bytes: Uint8Array): Uint8Array {
  const narrow = Buffer.from(bytes);
  const end = narrow.length - 22;
  const directoryAt = narrow.readUInt32LE(end + 16);
  const entries: Buffer[] = [];
  for (let at = directoryAt; at < end; ) {
    const nameEnd = at + 46 + narrow.readUInt16LE(at + 28);
    const entry = Buffer.from(narrow.subarray(at, nameEnd));
    const numbers = [entry.readUInt32LE(24), entry.readUInt32LE(20), entry.readUInt32LE(42)];
    for (const place of [20, 24, 42]) entry.writeUInt32LE(0xffffffff, place);
    entry.writeUInt16LE(28, 30);
    const extra = Buffer.from([1, 0, 24, 0]);
    entries.push(entry, extra, ...numbers.map((number) => Buffer.from(new BigUint64Array([BigInt(number)]).buffer)));
    at = nameEnd + narrow.readUInt16LE(at + 30);
  }
  const directory = Buffer.concat(entries);
  const wideEnd = Buffer.alloc(56);
  wideEnd.writeUInt32LE(0x06064b50, 0);
  wideEnd.writeBigUInt64LE(BigInt(directory.length), 40);
  wideEnd.writeBigUInt64LE(BigInt(directoryAt), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(directoryAt + directory.length), 8);
  const last = Buffer.from(narrow.subarray(end));
  last.writeUInt32LE(0xffffffff, 16);
  return Buffer.concat([narrow.subarray(0, directoryAt), directory, wideEnd, locator, last]);
}

test('an archive may say its sizes in 64 bits', async () => {
  const rows = '<row><c><v>12345</v></c></row>';
  expect(await csvOf(widened(zipSync(bookOf({ rows }))))).toBe('12345\n');
});

test('texts that fill more than one block are found again', () => {
  const texts = new SharedTexts();
  const all = Array.from({ length: 12 }, (_, number) => `${number}${'日'.repeat(number % 3 === 0 ? 300_000 : number)}`);
  for (const text of all) texts.add(text);
  expect(all.map((_, number) => texts.get(number) === all[number])).toEqual(all.map(() => true));
  expect(texts.get(12)).toBeUndefined();
});

describe('what stands in cells', () => {
  test('shared texts: runs of different looks, no pronunciation, escapes, entities, CDATA, spaces', async () => {
    const texts = `<si><t>simples</t></si><si><r><t>em </t></r><r><rPr><b/></rPr><t>partes</t></r></si>
      <si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t xml:space="preserve"> a_x000D_b &amp;&#x1F69A;</t></si>
      <si><t><![CDATA[<b>]]></t></si><si/><si><t/></si>`;
    const cells = [0, 1, 2, 3, 4, 5, 6, 99].map((number) => `<c t="s"><v>${number}</v></c>`).join('');
    const rows = `<row>${cells}<c t="n"><v>1</v></c></row>`;
    expect(await csvOfBook({ rows, texts })).toBe('simples,em partes,東京," a\rb &🚚",<b>,,,,1\n');
  });

  test('inline texts, formulas by their last result, truths, errors, days in ISO form, long whole numbers', async () => {
    const rows = `<row r="1"><c r="A1" t="inlineStr"><is><t>a</t><r><t>b</t></r></is></c>
      <c r="B1" t="str"><f>"x"&amp;"y"</f><v>xy</v></c><c r="C1"><f>1+1</f><v>2</v></c><c r="D1" t="b"><v>1</v></c>
      <c r="E1" t="b"><v>0</v></c><c r="F1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="G1" t="d"><v>2026-11-22</v></c>
      <c r="H1"><v>12345678901234567890</v></c><c r="I1"><v>1.5E+3</v></c><c r="J1"><v>0.1</v></c></row>`;
    expect(await csvOfBook({ rows })).toBe('ab,xy,2,true,false,#DIV/0!,2026-11-22,12345678901234567890,1500,0.1\n');
  });

  test('cells and rows that are left out, also of merged cells; names with a prefix', async () => {
    const rows =
      '<row r="3"><c r="B3"><v>1</v></c><c r="D3" s="1"/></row><row r="9"><c><v>2</v></c><c><v>3</v></c><c r="AA9"><v>4</v></c></row>';
    expect(await csvOfBook({ rows })).toBe(`,1\n2,3${','.repeat(25)}4\n`);
    const files = bookOf({ rows: '' });
    files['xl/worksheets/sheet1.xml'] = strToU8(
      '\uFEFF<?xml version="1.0" encoding="UTF-8"?><x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="b"><x:v>1</x:v></x:c></x:row></x:sheetData><x:mergeCells/></x:worksheet>',
    );
    expect(await csvOf(zipSync(files))).toBe('true\n');
  });

  const STYLES = `<numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy\\ hh:mm"/>
    <numFmt numFmtId="171" formatCode="[$R$-416]\\ #,##0.00;[Red]&quot;dias&quot; 0"/><numFmt numFmtId="172" formatCode="[h]:mm:ss"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
    <cellXfs>${[0, 14, 170, 171, 172, 4].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>`;
  const styled = (...cells: [style: number, value: number | string][]) =>
    `<row>${cells.map(([style, value]) => `<c s="${style}"><v>${value}</v></c>`).join('')}</row>`;

  test('numbers are dates where their style shows them so', async () => {
    const rows = styled(
      [0, 46348],
      [1, 46348],
      [2, 46348.5868055556],
      [2, 46348.58680844907],
      [3, 46348.5],
      [4, 0.25],
      [4, 1.25],
      [5, 46348],
      [1, -1],
      [1, 9999999],
      [1, 59],
      [1, 60],
      [1, 61],
      [1, 1],
    );
    expect(await csvOfBook({ rows, styles: STYLES })).toBe(
      '46348,2026-11-22,2026-11-22T14:05:00,2026-11-22T14:05:00.250,46348.5,06:00:00,1900-01-01T06:00:00,46348,-1,9999999,1900-02-28,1900-02-28,1900-03-01,1900-01-01\n',
    );
  });

  test('a book may count its days from 1904', async () => {
    const rows = styled([1, 44886], [4, 0.25]);
    expect(await csvOfBook({ rows, styles: STYLES, property: 'date1904="1"' })).toBe('2026-11-22,06:00:00\n');
  });
});

test('sheets that people see are offered; hidden ones only where there are no others', async () => {
  const rows = '<row><c><v>1</v></c></row>';
  const shown = zipSync(bookOf({ rows }));
  expect((await open(shown)).sheets).toEqual(['Dados']);
  expect(await csvOf(shown)).toBe('1\n');
  const hidden = zipSync(bookOf({ rows, state: 'state="veryHidden"' }));
  expect((await open(hidden)).sheets).toEqual(['Escondida', 'Dados']);
});

test('rows are the same as another reader makes of them, byte for byte of every text', async () => {
  const texts = ['', 'á', '日本', '🚚', ' a ', '"', ',', 'x\ny', '00012', 'a'.repeat(3000), '<&>', '_x000A_', 'null'];
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const cell = () =>
    [texts[random(texts.length)]!, random(1e9) / 97, random(2) === 1, null, `t${random(1e6)}`][random(5)]!;
  const rows = Array.from({ length: 3000 }, () => Array.from({ length: 1 + random(8) }, cell));
  const bytes = await writeXlsx({ sheets: [{ name: 'Dados', rows }] });
  const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const expected: string[] = [];
  let width = 0;
  for await (const { values } of streamXlsxRows(bytes)) {
    const cells = values.map((value) => (value === null ? '' : quote(String(value))));
    while (cells.at(-1) === '') cells.pop();
    if (cells.length === 0) continue;
    width ||= cells.length;
    while (cells.length < width) cells.push('');
    expected.push(`${cells.join(',')}\n`);
  }
  expect(expected.length).toBeGreaterThan(2000);
  expect(await csvOf(bytes)).toBe(expected.join(''));
});

describe('attacks', () => {
  const attacked = (rows: string, texts?: string) => csvOfBook({ rows, texts });

  test('an archive that unpacks to endless text is given up early', async () => {
    const endless = `<row><c t="str"><v>${'a'.repeat(8 << 20)}`;
    await expect(attacked(endless)).rejects.toMatchObject({ code: 'corrupt_file' });
    const texts = `<si>${'<r><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></r>'.repeat(100_000)}</si>`;
    await expect(attacked('<row/>', texts)).rejects.toMatchObject({ code: 'corrupt_file' });
  });

  test('nests without end, cells beyond the last column and entities of its own are refused', async () => {
    for (const rows of [
      '<a>'.repeat(1000),
      '<row><c r="ZZZZ1"><v>1</v></c></row>',
      '<row><c r="1"><v>1</v></c></row>',
    ]) {
      await expect(attacked(rows)).rejects.toMatchObject({ code: 'corrupt_file' });
    }
    const files = bookOf({ rows: '' });
    files['xl/worksheets/sheet1.xml'] = strToU8(
      '<!DOCTYPE a [<!ENTITY b "bbbb">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>',
    );
    await expect(csvOf(zipSync(files))).rejects.toMatchObject({ code: 'corrupt_file' });
  });
});

const GOLDEN = new URL('../../../tests/fixtures/spreadsheets/', import.meta.url);

test.each(readdirSync(GOLDEN).filter((name) => name.endsWith('.xlsx')))(
  '%s holds what its neighbour says',
  async (name) => {
    const bytes = new Uint8Array(await readFile(new URL(name, GOLDEN)));
    const { sheets } = await open(bytes);
    const found: Record<string, string[]> = {};
    for (const [index, sheet] of sheets.entries()) found[sheet] = (await csvOf(bytes, index)).split('\n');
    expect(found).toEqual(JSON.parse(await readFile(new URL(`${name}.expected.json`, GOLDEN), 'utf8')));
  },
);
