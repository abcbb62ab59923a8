import { writeXlsx } from 'hucre/xlsx';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';

let stack: Stack;
let client: StackClient;
let browser: Browser;
let page: Page;
let troubles: string[];

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query(`create schema loja;
    create table loja.clientes (cpf text primary key, nome text not null, saldo numeric(12,2), desde date)`);
  await client.call('POST', '/api/figuras', { name: 'clientes', title: 'Clientes', table: 'loja.clientes' });
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack));
  await signIn(page, stack);
});

afterEach(() => {
  expect(troubles.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await stack?.stop();
});

const start = () => page.getByRole('button', { name: /^Importar/ });
const target = (source: string) => page.getByLabel(`Destino da coluna ${source}`, { exact: true });

type ChosenFile = [name: string, text: string | Buffer];
const choose = (...files: ChosenFile[]) => chooseFor('clientes', ...files);
async function chooseFor(figura: string, ...files: ChosenFile[]): Promise<void> {
  await page.goto(`${stack.url}/importar?figura=${figura}`);
  await page
    .locator('input[type=file]')
    .setInputFiles(files.map(([name, text]) => ({ name, mimeType: '', buffer: Buffer.from(text) })));
}

test('names that agree need no look; the rows can be seen as they stand in the file', async () => {
  const rows = Array.from({ length: 5571 }, (_, index) => `${String(index).padStart(11, '0')};Pessoa ${index};1,50;`);
  await choose(['clientes.csv', `cpf;nome;saldo;desde\n${rows.join('\n')}\n`]);
  await page.getByText('4 colunas reconhecidas pelo nome — rever').waitFor();
  await expect.poll(() => target('cpf').isVisible()).toBe(false);
  await page.getByText('Ver as primeiras 100 linhas').click();
  const preview = page.getByRole('table', { name: 'Primeiras linhas do arquivo' });
  await expect.poll(() => preview.getByRole('row').count()).toBe(101);
  await expect
    .poll(() => preview.getByRole('row').nth(8).getByRole('cell').allInnerTexts())
    .toEqual(['8', '00000000007', 'Pessoa 7', '1,50', '–']);
  await expect
    .poll(() => preview.getByRole('columnheader').allInnerTexts())
    .toEqual(['Linha', ...['cpf', 'nome', 'saldo', 'desde'].map((name) => `${name}\ntexto`)]);
  await page.getByText('100 de 5.571 linhas, como estão no arquivo.').waitFor();
  // The header stays in sight while the rows scroll below it.
  const scroller = page.getByRole('region', { name: 'Primeiras linhas do arquivo' });
  await scroller.evaluate((element) => element.scrollTo({ top: 1000 }));
  const [box, header] = [await scroller.boundingBox(), await preview.getByRole('columnheader').nth(1).boundingBox()];
  expect(Math.abs((header?.y ?? 0) - (box?.y ?? 0))).toBeLessThan(3);
  await page.getByRole('button', { name: 'Importar 5.571 linhas' }).click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída', { exact: true }).waitFor();
});

test('columns are matched by similar names, chosen by hand, and remembered for the figura', async () => {
  const text = 'Documento;NOME;Saldo;<b>Obs</b>\n00000000007;Ana;2,50;x\n';
  await choose(['outros nomes.csv', text]);
  await page.getByText(/Falta a chave \(cpf\)/).waitFor();
  await expect.poll(() => start().isDisabled()).toBe(true);
  await page.getByText('Há colunas por resolver antes de importar.').waitFor();
  await expect.poll(() => target('NOME').inputValue()).toBe('nome');
  const columns = page.getByRole('table', { name: 'Colunas do arquivo e da figura' });
  const lines = () => columns.locator('tbody tr').evaluateAll((all) => all.map((row) => row.children[1]?.textContent));
  await expect.poll(() => lines()).toEqual(['00000000007', 'Ana', '2,50', 'x']);
  await expect
    .poll(() => columns.getByRole('row', { name: /^NOME/ }).getByRole('cell').last().textContent())
    .toBe('mesmo nome, sem contar maiúsculas e acentos');
  await expect.poll(() => target('NOME').locator('option').first().textContent()).toBe('cpf (text, chave)');
  await expect.poll(() => target('NOME').locator('option').nth(1).textContent()).toBe('nome (text, obrigatória)');
  await expect.poll(() => target('Documento').locator('option:checked').textContent()).toBe('não importar');
  // A second source for one target takes it from the first.
  await target('<b>Obs</b>').selectOption('cpf');
  await target('Documento').selectOption('cpf');
  await expect.poll(() => target('<b>Obs</b>').inputValue()).toBe('');
  await page.getByText('1 coluna não é importada: <b>Obs</b>').waitFor();
  await page.getByText(/Falta a chave/).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Importar 1 linha' }).click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída', { exact: true }).waitFor();
  const stored = await client.db.query("select nome, saldo::text from loja.clientes where cpf = '00000000007'");
  expect(stored.rows).toEqual([{ nome: 'Ana', saldo: '2.50' }]);

  await choose(['de novo.csv', text], ['outros nomes.csv', text]);
  await page.getByText('3 colunas reconhecidas pelo nome — rever').first().waitFor();
  await page.getByText('Este mesmo arquivo já foi enviado por').waitFor();
  await expect.poll(() => start().textContent()).toBe('Importar 2 linhas');
});

test('a file without a required column is blocked until somebody says that it only changes rows', async () => {
  await choose(['saldos.csv', 'cpf;saldo\n00000000007;9,99\n']);
  await page.getByText(/Faltam colunas obrigatórias \(nome\)/).waitFor();
  await expect.poll(() => start().isDisabled()).toBe(true);
  await page.getByLabel(/só altera ou exclui/).check();
  await start().click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída', { exact: true }).waitFor();
  const stored = await client.db.query("select nome, saldo::text from loja.clientes where cpf = '00000000007'");
  expect(stored.rows).toEqual([{ nome: 'Ana', saldo: '9.99' }]);
});

test("the figura's own mapping and required columns hold in the page as they do in the service", async () => {
  await client.call('POST', '/api/figuras', { name: 'exigentes', table: 'loja.clientes' });
  await page.goto(`${stack.url}/figuras/exigentes`);
  await page.getByRole('button', { name: 'Alterar regras e limites' }).click();
  const columns = page.getByRole('group', { name: 'Colunas obrigatórias' });
  await expect.poll(() => columns.getByLabel('cpf').isDisabled()).toBe(true);
  await columns.getByLabel('saldo').check();
  await page.getByLabel('Colunas com outro nome no arquivo').fill('Nr do documento = cpf');
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('Muda o que todo arquivo precisa trazer preenchido.').waitFor();
  await page.getByRole('button', { name: 'Mudar', exact: true }).click();
  await page.getByText('Regras salvas.').waitFor();

  await chooseFor('exigentes', ['sem saldo.csv', 'Nr do documento;nome\n90000000008;Bia\n']);
  await page.getByText(/esta figura exige em todo arquivo \(saldo\)/).waitFor();
  await expect.poll(() => target('Nr do documento').inputValue()).toBe('cpf');
  await expect.poll(() => start().isDisabled()).toBe(true);
  const text = 'Nr do documento;nome;saldo\n90000000008;Bia;1,00\n90000000009;Caio;\n';
  await chooseFor('exigentes', ['com saldo.csv', text]);
  await page.getByText('3 colunas reconhecidas pelo nome — rever').waitFor();
  await page.getByText('vazia, e precisa de um valor').waitFor();
  await start().click();
  await page.waitForURL(/\/cargas\/exigentes\//);
  const ended = async () => (await client.call('GET', '/api/exigentes/_bulk?limit=1')).json.items[0];
  await expect.poll(ended).toMatchObject({ result: 'partial', rows: { inserted: 1, rejected: 1 } });
});

test('how a CSV is read is detected, shown and changed', async () => {
  await choose(['partes.csv', 'cpf|nome;x|saldo\n00000000041|A;b|1.5\n00000000042|C;d|2.5\n']);
  const detected = (words: string) => page.getByText(`Separado por ${words}`);
  await detected('barra vertical, UTF-8, ponto decimal').click();
  await page.getByText('CSV · 2 linhas').waitFor();
  await page.getByLabel('Separador').selectOption('ponto e vírgula');
  await page.getByLabel('Codificação do texto').selectOption('Windows-1252 (ANSI)');
  await page.getByLabel('Decimais').selectOption('vírgula decimal');
  await page.getByLabel('Datas').selectOption('dd/mm/aaaa');
  await page.getByLabel('Primeira linha').selectOption('já é de dados');
  await detected('ponto e vírgula, Windows-1252 (ANSI), vírgula decimal, datas dd/mm/aaaa').waitFor();
  await page.getByText('CSV · 3 linhas').waitFor();
  await page.getByText('Ver as primeiras 3 linhas').click();
  const preview = page.getByRole('table', { name: 'Primeiras linhas do arquivo' });
  await expect
    .poll(() => preview.getByRole('row').nth(2).getByRole('cell').allInnerTexts())
    .toEqual(['2', '00000000041|A', 'b|1.5']);
});

test('where columns go stays when the session ends, and the file is sent once there is one again', async () => {
  await choose(['de fora.csv', 'Quem;Alcunha\n30000000001;Bia\n']);
  await target('Quem').selectOption('cpf');
  await target('Alcunha').selectOption('nome');
  await expect.poll(() => start().isEnabled()).toBe(true);
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await start().click();
  const dialog = page.getByRole('dialog', { name: 'A sessão terminou' });
  await dialog.getByRole('link', { name: /Entrar em outra aba/ }).waitFor();
  await page.context().addCookies(cookies);
  await dialog.waitFor({ state: 'hidden' });
  expect([await target('Quem').inputValue(), await target('Alcunha').inputValue()]).toEqual(['cpf', 'nome']);
  await page.getByRole('button', { name: 'Tentar de novo: de fora.csv' }).click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída', { exact: true }).waitFor();
});

test('one file that cannot be read stops none of the others', async () => {
  await choose(
    ['ruim.json', '[{"cpf": "1", "nome": }]'],
    ['a.csv', 'cpf;nome\n70000000001;A\n'],
    ['b.csv', 'cpf;nome\n70000000002;B\n'],
  );
  await page.getByText(/O arquivo não é um JSON válido/).waitFor();
  await page.getByRole('button', { name: 'Importar 2 linhas' }).click();
  await page.getByRole('link', { name: 'Ver a carga' }).nth(1).waitFor();
  expect(new URL(page.url()).pathname).toBe('/importar');
  await expect
    .poll(async () => (await client.db.query("select from loja.clientes where cpf like '7%'")).rowCount)
    .toBe(2);
});

test('a spreadsheet is imported: leading zeros, dates, and the sheet one chooses', async () => {
  const sheet = (name: string, rows: (string | number | Date | null)[][]) => ({ name, rows });
  const bytes = await writeXlsx({
    sheets: [
      sheet('Resumo', [['total'], [2]]),
      sheet('Clientes', [
        ['CPF', 'Nome', 'Saldo', 'Desde'],
        ['00000000191', 'João', 1234.5, new Date('2026-11-22T00:00:00Z')],
        ['80000000002', 'Zoé', null, null],
      ]),
    ],
  });
  await choose(['clientes.xlsx', Buffer.from(bytes)]);
  await page.getByLabel('Planilha (aba)').selectOption('Clientes');
  await page.getByRole('button', { name: 'Importar 2 linhas' }).click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'clientes.xlsx' }).waitFor();
  const stored = await client.db.query(
    "select cpf, nome, saldo::text, desde::text from loja.clientes where cpf in ('00000000191', '80000000002') order by cpf",
  );
  expect(stored.rows).toEqual([
    { cpf: '00000000191', nome: 'João', saldo: '1234.50', desde: '2026-11-22' },
    { cpf: '80000000002', nome: 'Zoé', saldo: null, desde: null },
  ]);
});
