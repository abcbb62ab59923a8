// The list of jobs and the overview, with jobs that wait because no worker is there.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  stack = await startStack({ workers: 0 });
  client = await openStackClient(stack);
  await client.db.query(
    'create schema loja; create table loja.clientes (codigo integer primary key, nome text not null)',
  );
  await client.call('POST', '/api/figuras', { name: 'clientes', table: 'loja.clientes' });
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack));
  await signIn(page, stack, '/cargas');
  for (const name of ['b.csv', 'a.csv', 'c.csv']) await enqueue(name);
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await stack?.stop();
});

async function enqueue(name: string, text = 'codigo;nome\n1;Ana\n'): Promise<string> {
  const { json } = await client.enqueue('clientes', { url: await client.upload('clientes', text, name) });
  return json.id;
}

const rows = () => page.getByRole('table', { name: 'Cargas' }).locator('tbody tr');
const names = () => rows().getByRole('link').allInnerTexts();

test('the list says why a job waits and in which place', async () => {
  await page.goto(`${stack.url}/cargas`);
  await expect.poll(names).toEqual(['c.csv', 'a.csv', 'b.csv']);
  await page.getByText('2ª da fila: nenhum trabalhador está no ar').filter({ visible: true }).waitFor();
});

test('the list is sorted on the server, and the address keeps the order', async () => {
  await page.getByRole('button', { name: 'Arquivo' }).click();
  await expect.poll(names).toEqual(['a.csv', 'b.csv', 'c.csv']);
  expect(await page.getByRole('columnheader', { name: 'Arquivo' }).getAttribute('aria-sort')).toBe('ascending');
  await page.reload();
  await expect.poll(names).toEqual(['a.csv', 'b.csv', 'c.csv']);
  await page.getByRole('button', { name: 'Arquivo' }).click();
  await expect.poll(names).toEqual(['c.csv', 'b.csv', 'a.csv']);
  await page.getByRole('button', { name: 'Criada' }).click();
  await expect.poll(names).toEqual(['c.csv', 'a.csv', 'b.csv']);
});

test('the author narrows the list', async () => {
  await page.getByLabel('Por', { exact: true }).fill('ninguém');
  await page.getByText('Nenhuma carga com estes filtros').waitFor();
  expect(new URL(page.url()).searchParams.get('author')).toBe('ninguém');
  await page.getByRole('button', { name: 'Limpar filtros' }).click();
  await expect.poll(names).toHaveLength(3);
});

test('no row moves while the pointer is over the list; what came is counted and shown on request', async () => {
  await rows().first().hover();
  await enqueue('d.csv');
  const more = page.getByRole('button', { name: '1 carga nova — mostrar' });
  await more.waitFor();
  expect(await names()).toEqual(['c.csv', 'a.csv', 'b.csv']);
  await more.click();
  await expect.poll(names).toEqual(['d.csv', 'c.csv', 'a.csv', 'b.csv']);
  await rows().first().hover();
  await enqueue('e.csv');
  await more.waitFor();
  await page.mouse.move(0, 0);
  await expect.poll(names).toEqual(['e.csv', 'd.csv', 'c.csv', 'a.csv', 'b.csv']);
});

test('several jobs are cancelled at once, after a question that counts them', async () => {
  await page.getByRole('checkbox', { name: 'Marcar e.csv' }).check();
  await page.getByRole('checkbox', { name: 'Marcar d.csv' }).check();
  await page.getByRole('button', { name: 'Cancelar 2 cargas' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancelar 2 cargas?' });
  await dialog.getByText('as tabelas ficam como estão').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Cancelar 2 cargas' }).click();
  await dialog.getByRole('button', { name: 'Cancelar 2 cargas' }).click();
  await page.getByText('2 cancelamentos pedidos.').waitFor();
  await expect.poll(() => rows().filter({ hasText: 'Cancelada' }).count()).toBe(2);
});

test('the overview shows the day in a plot and in a table, the queue, and that no worker is there', async () => {
  await page.goto(`${stack.url}/`);
  await page.getByRole('heading', { name: 'Visão geral' }).waitFor();
  await page.getByText('nenhum no ar: nada anda').waitFor();
  await page.getByRole('img', { name: /^Cargas por dia: barras de/ }).waitFor();
  const table = page.getByRole('table', { name: 'Cargas por dia: Os números do gráfico' });
  expect(await table.locator('tbody tr').first().getByRole('cell').allInnerTexts()).toEqual([
    expect.stringMatching(/^\d\d\/\d\d\/\d{4}$/),
    '0',
    '0',
    '0',
    '2',
  ]);
  await page.getByLabel('Período').selectOption('7');
  expect(new URL(page.url()).searchParams.get('dias')).toBe('7');
  await page.getByText(/PostgreSQL \d+/).waitFor();
  const failed = await enqueue('ruim.csv', 'codigo;nome\n"1;Ana\n');
  stack.startWorker();
  await client.untilEnd('clientes', failed);
  await page.reload();
  await expect
    .poll(() => page.getByRole('table', { name: 'Erros mais frequentes' }).locator('tbody tr').count())
    .toBe(1);
  await page.getByRole('table', { name: 'Figuras mais demoradas' }).getByRole('link', { name: 'clientes' }).waitFor();
});

test('what was typed stays when the session ends, and the page goes on once there is one again', async () => {
  await page.goto(`${stack.url}/cargas`);
  // The list is fetched by the page itself: from here on it hears what is typed.
  await expect.poll(async () => (await names()).length).toBeGreaterThan(0);
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.getByRole('searchbox', { name: 'Procurar' }).fill('a.csv');
  const dialog = page.getByRole('dialog', { name: 'A sessão terminou' });
  await dialog.getByRole('link', { name: /Entrar em outra aba/ }).waitFor();
  await page.context().addCookies(cookies);
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(names).toEqual(['a.csv']);
  expect(await page.getByRole('searchbox', { name: 'Procurar' }).inputValue()).toBe('a.csv');
});

test('nothing of all this troubled the console', () => {
  expect(troubles).toEqual([]);
});
