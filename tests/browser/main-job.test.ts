import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, untilUsable } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../public/samples/lista_fornecedores.json');
/** As spreadsheets set to Portuguese write it: semicolons, decimal commas, days first, Windows-1252; two rows are bad. */
const CSV = [
  'codigo;nome;saldo;desde',
  "1;São João D'Água;1.234,50;22/11/2026",
  '2;"Açúcar; & Cia";-0,05;01/02/2024',
  '3;;10,00;03/02/2024',
  '4;Ponta Porã;muito;04/02/2024',
  '5;Alta Floresta;7;05/02/2024',
].join('\r\n');

let stack: Stack;
let browser: Browser;
let page: Page;
let db: pg.Pool;
let troubles: string[];

beforeAll(async () => {
  stack = await startStack();
  db = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
  await db.query(`create schema loja;
    create table loja.clientes (codigo integer primary key, nome text not null, saldo numeric(12,2) default 0, desde date);
    comment on column loja.clientes.nome is 'Como no documento'`);
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack));
});

afterEach(() => {
  expect(troubles.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await db?.end();
  await stack?.stop();
});

/** Drops a file on the page as a file manager would. */
async function drop(name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], fileName));
      return data;
    },
    [name, bytes.toString('base64')] as const,
  );
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.locator('body').dispatchEvent(type, { dataTransfer: transfer });
  }
}

/** The figures of the job page by their words: `{ lidas: '5', incluídas: '3', … }`. */
async function figures(): Promise<Record<string, string>> {
  const card = page.locator('section', { hasText: 'O que aconteceu com as linhas' });
  return Object.fromEntries(
    await card
      .locator('dl > div')
      .evaluateAll((cells) =>
        cells.map((cell) => [cell.querySelector('dt')?.textContent, cell.querySelector('dd')?.textContent]),
      ),
  );
}

test('sends a stranger to the login page and lets in who knows the password', async () => {
  await page.goto(`${stack.url}/cargas`);
  await page.waitForURL(/\/login/);
  await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('pt-BR');
  await page.getByLabel('E-mail').fill(stack.administrator.email);
  await page.getByLabel('Senha').fill('errada');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByText('E-mail ou senha não conferem.').waitFor();
  await page.getByLabel('Senha').fill(stack.administrator.password);
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByRole('heading', { name: 'Cargas' }).waitFor();
  await untilUsable(page);
});

test('a dropped JSON file with nested addresses becomes rows', async () => {
  const sample = readFileSync(SAMPLE);
  const rows: { id: string; enderecos: unknown; contatos: unknown }[] = JSON.parse(sample.toString());
  await page.goto(`${stack.url}/importar?figura=fornecedores`);
  await page.getByLabel('Figura').waitFor();
  await drop('lista_fornecedores.json', sample);
  await page.getByText('Pronto para importar', { exact: true }).waitFor();
  await page.getByRole('button', { name: /^Importar [\d.]+ linhas?$/ }).click();
  await page.waitForURL(/\/cargas\/fornecedores\//);
  await page.getByText('Concluída', { exact: true }).waitFor();
  await expect.poll(() => page.title()).toBe('Concluída · lista_fornecedores.json · Carga');
  const count = rows.length.toLocaleString('pt-BR');
  await expect.poll(() => figures()).toMatchObject({ lidas: count, incluídas: count, recusadas: '0' });
  const stored = await db.query('select id, enderecos, contatos from cadastro.fornecedores order by id');
  const expected = rows
    .map(({ id, enderecos, contatos }) => ({ id, enderecos, contatos }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(stored.rows).toEqual(expected);
});

test('the file comes back as the JSON it was', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Linhas do arquivo: JSON' }).click(),
  ]);
  expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toEqual(JSON.parse(readFileSync(SAMPLE, 'utf8')));
});

test('an administrator registers a table as a figura, with faults at their fields', async () => {
  await page.goto(`${stack.url}/figuras`);
  await page.getByRole('button', { name: 'Cadastrar figura' }).click();
  await page.getByRole('textbox', { name: 'Nome' }).fill('clientes');
  const table = page.getByRole('textbox', { name: 'Tabela' });
  await table.fill('loja.nenhuma');
  await page.getByRole('button', { name: 'Cadastrar', exact: true }).click();
  await page.getByText('A tabela “loja.nenhuma” não existe').waitFor();
  await expect.poll(() => table.getAttribute('aria-invalid')).toBe('true');
  await table.fill('loja.clientes');
  await page.getByRole('button', { name: 'Cadastrar', exact: true }).click();
  await page.waitForURL(/\/figuras\/clientes$/);
  await page.getByRole('cell', { name: 'saldo' }).waitFor();
});

test('a CSV of a Portuguese spreadsheet is read as it is meant, its bad rows are shown with their reasons', async () => {
  await page.getByRole('link', { name: 'Importar' }).last().click();
  await expect.poll(() => page.getByLabel('Figura').inputValue()).toBe('clientes');
  await page.locator('input[type=file]').setInputFiles([
    { name: 'clientes.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV, 'latin1') },
    { name: 'vazio.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) },
  ]);
  await page.getByText('O arquivo está vazio.').waitFor();
  await page.getByText('Separado por ponto e vírgula, Windows-1252 (ANSI), vírgula decimal').waitFor();
  await page.getByRole('button', { name: 'Tirar da lista: vazio.csv' }).click();
  await page.getByRole('button', { name: /^Importar [\d.]+ linhas?$/ }).click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída com recusas', { exact: true }).waitFor();
  await expect.poll(() => figures()).toMatchObject({ lidas: '5', incluídas: '3', recusadas: '2' });
  const table = page.getByRole('table', { name: 'Recusadas' });
  const cells = (row: number) => table.getByRole('row').nth(row).getByRole('cell').allInnerTexts();
  // Reading texts does not wait for the rows by itself.
  await table.getByRole('row').nth(2).waitFor();
  const [third, fourth] = [await cells(1), await cells(2)];
  expect(third.slice(0, 2)).toEqual(['3', 'nome\nA coluna “nome” precisa de um valor e veio vazia.']);
  expect(third[3]?.replace(/\s+/g, ' ')).toBe('com erro: vazio');
  expect(fourth[0]).toBe('4');
  expect(fourth[1]).toContain('saldo');
  expect(fourth.join(' ').replace(/\s+/g, ' ')).toContain('com erro: muito');
  const stored = await db.query('select codigo, nome, saldo::text, desde::text from loja.clientes order by codigo');
  expect(stored.rows).toEqual([
    { codigo: 1, nome: "São João D'Água", saldo: '1234.50', desde: '2026-11-22' },
    { codigo: 2, nome: 'Açúcar; & Cia', saldo: '-0.05', desde: '2024-02-01' },
    { codigo: 5, nome: 'Alta Floresta', saldo: '7.00', desde: '2024-02-05' },
  ]);
});

test('the figura says its rules, which an administrator changes, and gives a file to fill in', async () => {
  await page.goto(`${stack.url}/figuras/clientes`);
  const columns = page.getByRole('table', { name: 'Colunas da figura' }).getByRole('row');
  const column = async (name: string) =>
    (
      await columns
        .filter({ has: page.getByText(name, { exact: true }) })
        .getByRole('cell')
        .allInnerTexts()
    ).map((text) => text.replace(/\s+/g, ' '));
  await columns.nth(1).waitFor();
  // Name, type, demands, default, Parquet, Avro, description.
  await expect
    .poll(() => column('codigo'))
    .toEqual(['codigo', 'integer', 'chave obrigatória', '–', 'INT32', 'int', '–']);
  await expect
    .poll(() => column('nome'))
    .toEqual(['nome', 'text', 'obrigatória', '–', 'STRING', 'string', 'Como no documento']);
  await expect
    .poll(() => column('saldo'))
    .toEqual(['saldo', 'numeric(12,2)', 'opcional', '0', 'DECIMAL(12, 2)', 'decimal(12, 2)', '–']);
  await page.getByRole('searchbox', { name: 'Procurar coluna' }).fill('SALDO');
  await expect.poll(() => columns.count()).toBe(2);
  await expect.poll(() => new URL(page.url()).search).toBe('?q=SALDO');
  await page.reload();
  await expect.poll(() => columns.count()).toBe(2);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Modelo vazio: CSV' }).click(),
  ]);
  expect(readFileSync(await download.path(), 'utf8')).toBe('\ufeffcodigo;nome;saldo;desde\r\n');
  const [sample] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Exemplo: CSV' }).click(),
  ]);
  expect(readFileSync(await sample.path(), 'utf8')).toMatch(/^\ufeffcodigo;nome;saldo;desde\r\n1;exemplo;"1,50";/);
  await page.getByRole('button', { name: 'Alterar regras e limites' }).click();
  await page.getByLabel('Erros aceitos por carga').fill('muitos');
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('Escreva um número inteiro.').waitFor();
  await page.getByLabel('Erros aceitos por carga').fill('7');
  await page.getByLabel('Tamanho máximo (MiB)').fill('5');
  await page.getByLabel('Colunas com outro nome no arquivo').fill('Razão social = nome\nMunicípio');
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('Escreva cada linha como nome no arquivo = coluna da tabela.').waitFor();
  await page.getByLabel('Colunas com outro nome no arquivo').fill('Razão social = nome');
  await page.getByRole('button', { name: 'Salvar' }).click();
  // What it does is said before it is done.
  const impact = page.getByRole('dialog', { name: 'O que muda nas próximas cargas' });
  await impact.getByText('Muda com quantos erros uma carga para.').waitFor();
  await expect.poll(() => impact.getByRole('listitem').count()).toBe(3);
  await impact.getByRole('button', { name: 'Mudar' }).click();
  await page.getByText('5 MiB', { exact: true }).waitFor();
  const stored = await db.query(
    "select max_errors, max_file_bytes::int, mapping from carga.figuras where name = 'clientes'",
  );
  expect(stored.rows).toEqual([{ max_errors: 7, max_file_bytes: 5 * 1024 ** 2, mapping: { 'Razão social': 'nome' } }]);
  await page.getByText('Razão social → nome').waitFor();
  await page.getByRole('button', { name: 'Contar' }).click();
  await page.getByText(/^\d+, contadas agora$/).waitFor();
  await page.getByRole('link', { name: /Concluída com recusas/ }).waitFor();
  await page.getByText('Quem pode o quê').waitFor();
  await page.getByText('CARGA_API_KEY').first().waitFor();
  await page.getByRole('link', { name: 'Documentação' }).click();
  await page.getByRole('heading', { name: 'Como enviar' }).waitFor();
  await page.getByText('Colunas com outro nome no arquivo: Razão social → nome.').waitFor();
  await page.getByRole('link', { name: 'Voltar à figura' }).click();
  // A destructive change wants the name typed.
  await page.getByRole('button', { name: 'Remover figura' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remover a figura “clientes”?' });
  await expect.poll(() => dialog.getByRole('button', { name: 'Remover figura' }).isDisabled()).toBe(true);
  await page.keyboard.press('Escape');
});

test('a simulation writes nothing and shows what would change; then the same upload is imported', async () => {
  let sentCount = 0;
  page.on('request', (request) => {
    if (request.method() === 'PUT' && new URL(request.url()).host === new URL(stack.s3.endpoint).host) sentCount += 1;
  });
  await page.goto(`${stack.url}/importar?figura=clientes`);
  const text =
    'codigo;nome;saldo;desde\n1;São João;2,00;22/11/2026\n9;Nova;1,00;22/11/2026\n5;Alta Floresta;7;5/2/2024\n';
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'ensaio.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Importar 3 linhas' }).waitFor();
  await page.getByRole('button', { name: 'Simular' }).click();
  const simulation = page.getByRole('region', { name: 'Simulação' });
  const ended = 'Simulação concluída: todas as linhas podem ser importadas.';
  await simulation.getByText(ended, { exact: true }).first().waitFor();
  await expect
    .poll(async () => (await simulation.locator('dl').first().allInnerTexts()).join().replace(/\s+/g, ' '))
    .toBe(
      'lidas 3 seriam incluídas 1 seriam alteradas 1 seriam excluídas 0 já iguais 1 seriam puladas 0 seriam recusadas 0',
    );
  const changes = simulation.getByRole('table', { name: 'O que seria alterado' });
  await expect
    .poll(() => changes.getByRole('row').allInnerTexts())
    .toEqual([
      'Linha\tChave\tColuna\tAgora\tPassaria a ser',
      "1\t1\tnome\tSão João D'Água\tSão João",
      '1\t1\tsaldo\t1234.50\t2.00',
    ]);
  expect((await db.query('select from loja.clientes where codigo = 9')).rowCount).toBe(0);
  // It was of these choices: others were not simulated.
  await page.getByText('Opções').click();
  await page.getByLabel('Só incluir').check();
  await simulation.waitFor({ state: 'detached' });
  await page.getByLabel('Alterar as que têm a mesma chave').check();
  const whole = await simulation.getByRole('link', { name: /Ver a simulação inteira/ }).getAttribute('href');
  await page.getByRole('button', { name: 'Importar 3 linhas' }).click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída: todas as linhas foram tratadas.', { exact: true }).waitFor();
  expect((await db.query('select from loja.clientes where codigo = 9')).rowCount).toBe(1);
  expect(sentCount).toBe(1);
  // The page of the simulation leads to the same load: asked for twice, it is made once.
  const imported = page.url();
  await page.goto(`${stack.url}${whole}`);
  await page.getByText(ended, { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Importar de verdade' }).click();
  await page.waitForURL(imported);
});

test('people and the audit are administered', async () => {
  await page.goto(`${stack.url}/pessoas`);
  await page.getByRole('button', { name: 'Acrescentar pessoa' }).click();
  await page.getByLabel('E-mail', { exact: true }).fill('ana@exemplo.com.br');
  await page.getByLabel('Nome', { exact: true }).fill('Ana');
  await page.getByLabel('Senha (opcional)').fill('curta');
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('A senha precisa de ao menos 8 caracteres.').waitFor();
  await page.getByLabel('Senha (opcional)').fill('uma senha comprida');
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page
    .getByRole('row', { name: /ana@exemplo/ })
    .getByText('nunca entrou')
    .filter({ visible: true })
    .waitFor();
  // The last administrator stays.
  await page.getByRole('button', { name: 'Desativar: Administrador' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Desativar' }).click();
  await page.getByText('Esta é a última pessoa com acesso de administrador.').waitFor();
  await page.goto(`${stack.url}/auditoria?action=user.created`);
  const table = page.getByRole('table', { name: 'Auditoria' });
  await table.getByRole('button', { name: 'user:ana@exemplo.com.br' }).waitFor();
  await table.getByText('Ver a mudança').first().click();
  await table.getByText('"role": "operator"').first().waitFor();
});

test('the list shows both loads, filtered by an address that can be copied, in both languages', async () => {
  await page.goto(`${stack.url}/cargas?q=clientes`);
  await page.getByRole('link', { name: 'clientes.csv' }).waitFor();
  await expect.poll(() => page.getByRole('link', { name: 'lista_fornecedores.json' }).count()).toBe(0);
  await page.getByRole('searchbox').fill('');
  await page.getByRole('link', { name: 'lista_fornecedores.json' }).waitFor();
  await expect.poll(() => new URL(page.url()).search).toBe('');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Loads' }).waitFor();
  await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('en');
});

test('who signs out is out', async () => {
  await page.getByRole('button', { name: /Menu for/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/login/);
  await page.goto(`${stack.url}/figuras`);
  await page.waitForURL(/\/login/);
});
