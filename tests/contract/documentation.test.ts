// The documentation of a figura: the same in the application and as Markdown, with programs that run as they stand.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logIn } from '../support/browser-session.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'carga-documentation-'));
let stack: Stack;
let client: StackClient;

function has(...programs: string[]): boolean {
  try {
    for (const program of programs) execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query(`create schema doc;
    create table doc.cidades (codigo int primary key);
    insert into doc.cidades values (1);
    create table doc.pedidos (
      "número" bigint primary key,
      "valor | total" numeric(12,2) not null check ("valor | total" >= 0),
      "d'água ""x"" \`y\`" text not null,
      entrega date, criado timestamptz default now(), pago boolean, itens jsonb, marcas text[],
      cidade int references doc.cidades,
      dobro numeric generated always as ("valor | total" * 2) stored
    );
    comment on column doc.pedidos.entrega is '<b>Quando</b> *chega* | [aqui](http://x)';`);
  const { status } = await client.call('POST', '/api/figuras', {
    name: 'pedidos',
    title: 'Pedidos # de <venda>',
    table: 'doc.pedidos',
    mapping: { Nr: 'número' },
    maxErrors: 1000,
    requiredColumns: ['entrega', 'marcas'],
  });
  expect(status).toBe(201);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const read = (language: string) =>
  client.call('GET', '/api/figuras/pedidos/documentation', undefined, { 'accept-language': language });
const codeOf = (markdown: string, language: string) =>
  new RegExp(`^(\`{3,})${language}\\n(.*?)^\\1$`, 'ms').exec(markdown)?.[2] ?? '';

test.each([
  ['pt-BR', '## Regras', 'A coluna op é opcional'],
  ['en', '## Rules', 'The column op is optional'],
])('is complete in %s', async (language, rules, op) => {
  const { status, headers, text } = await read(language);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
  expect(headers.get('content-language')).toBe(language);
  const plain = text.replaceAll('\\', '');
  for (const part of [rules, op, 'Nr → número', 'doc.cidades (codigo)', '>= ', 'DECIMAL(12, 2)', 'array<string>'])
    expect(plain).toContain(part);
  expect(plain).toMatch(/ 1[.,]000 /);
  // Every text is there, with its placeholders filled.
  expect(text).not.toMatch(/documentation\.|\{(figura|table|columns?|key|count|size|percent|expression|url|format)\}/);
  // What the database fills by itself is no column of a file.
  expect(text).not.toContain('dobro');
});

test('writes names and descriptions as text', async () => {
  const { text } = await read('pt-BR');
  expect(text.split('\n')[0]).toBe('# Pedidos \\# de \\<venda\\>');
  expect(text).toContain('\\<b\\>Quando\\</b\\> \\*chega\\* \\| \\[aqui\\](http://x)');
  expect(text).toContain('| `valor \\| total` |');
  expect(text).toContain('| `` d\'água "x" `y` `` |');
  const table = text.split('\n').filter((line) => line.startsWith('| '));
  expect(new Set(table.map((line) => line.replaceAll('\\|', '').split('|').length))).toEqual(new Set([9]));
});

test('names what the figura requires wherever columns are told', async () => {
  const { text } = await read('en');
  expect(text).toContain('every row that does not delete has to fill: entrega, marcas.');
  const figura = await client.call('GET', '/api/figuras/pedidos');
  expect(figura.json.requiredColumns).toEqual(['entrega', 'marcas']);
  const required = figura.json.columns.filter((column: { required: boolean }) => column.required);
  expect(required.map(({ name }: { name: string }) => name)).toContain('entrega');
  const schema = await client.call('GET', '/api/pedidos/_bulk/schema');
  expect(schema.json.required).toEqual(expect.arrayContaining(['número', 'entrega', 'marcas']));
  expect(schema.json.properties.entrega.type).toBe('string');
  for (const column of ['dobro', 'sumiu']) {
    const { status, json } = await client.call('PATCH', '/api/figuras/pedidos', { requiredColumns: [column] });
    expect([status, json.code, json.detail.includes(column)]).toEqual([422, 'column_not_found_in_table', true]);
  }
});

describe('the programs run as written', () => {
  const environment = () => ({ PATH: process.env.PATH, CARGA_API_KEY: stack.apiKey }) as unknown as NodeJS.ProcessEnv;
  const programs: [string, string, string, string[], boolean][] = [
    ['bash', 'carregar.sh', 'bash', [], has('bash', 'curl', 'jq')],
    ['js', 'carregar.mjs', process.execPath, [], true],
    ['python', 'carregar.py', 'python3', ['-I'], has('python3')],
  ];
  test.each(programs)('%s', async (language, file, program, options, isThere) => {
    if (!isThere) return console.log(`skipped: ${program} or what it needs is not installed`);
    await client.db.query('truncate doc.pedidos');
    const { text } = await read('en');
    writeFileSync(path.join(folder, file), codeOf(text, language));
    const { stdout } = await run(program, [...options, file], { cwd: folder, env: environment() });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'complete', result: 'success', rows: { inserted: 1 } });
    const { rows } = await client.db.query('select "valor | total", pago, itens, dobro from doc.pedidos');
    expect(rows).toEqual([{ 'valor | total': '1.50', pago: true, itens: {}, dobro: '3.00' }]);
  });
});

test('is a page for who was given the figura, and for nobody else', async () => {
  const page = async (figuras: string[], language: string) => {
    const email = `${crypto.randomUUID()}@exemplo.org`;
    await client.call('POST', '/api/users', { email, name: 'L', role: 'viewer', figuras, password: 'uma senha dela' });
    const { cookie } = await logIn(stack.url, email, 'uma senha dela');
    const answer = await fetch(`${stack.url}/figuras/pedidos/documentacao`, {
      headers: { cookie, 'accept-language': language },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const { status, text } = await page(['pedidos'], 'en');
  expect(status).toBe(200);
  for (const part of ['How to send it', 'DECIMAL(12, 2)', '&lt;b&gt;Quando&lt;/b&gt;']) expect(text).toContain(part);
  expect(text).not.toContain('<b>Quando');
  const refused = await page(['outra'], 'en');
  expect(refused.text).not.toContain('DECIMAL(12, 2)');
  expect(refused.status).toBe(404);
});

test('rows are estimated, or counted, and which of both is said', async () => {
  await client.db.query(`create table doc.partes (id int primary key) partition by range (id);
    create table doc.partes_1 partition of doc.partes for values from (0) to (100);
    create table doc.partes_2 partition of doc.partes for values from (100) to (200);`);
  await client.call('POST', '/api/figuras', { name: 'partes', table: 'doc.partes' });
  const count = async (query = '') => (await client.call('GET', `/api/figuras/partes/row-count${query}`)).json;
  expect(await count()).toEqual({ rowCount: null, isExact: false });
  await client.db.query('insert into doc.partes select generate_series(50, 149)');
  await client.db.query('analyze doc.partes');
  expect(await count()).toEqual({ rowCount: 100, isExact: false });
  expect(await count('?exact=true')).toEqual({ rowCount: 100, isExact: true });
});
