// Rejected rows: searched, narrowed, mended in the page and sent as a job of their own.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';

const BIG = '9223372036854775807';
/** A thousand bad rows: far more than are drawn at once. */
const ROWS = [
  `{"codigo":${BIG},"saldo":12345678901234567890.10,"extra":{"m":1.10},"idade":70000}`,
  ...Array.from({ length: 1000 }, (_, index) => `{"codigo":${index},"saldo":1,"extra":null,"idade":"n${index}"}`),
].join('\n');

let stack: Stack;
let client: StackClient;
let browser: Browser;
let page: Page;
let troubles: string[];
let job: string;

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query(
    'create schema loja; create table loja.exatos (codigo bigint primary key, saldo numeric, extra jsonb, idade smallint)',
  );
  await client.call('POST', '/api/figuras', { name: 'exatos', table: 'loja.exatos' });
  const { json } = await client.enqueue('exatos', { url: await client.upload('exatos', ROWS, 'exatos.ndjson') });
  job = json.id;
  await client.untilEnd('exatos', job);
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack));
  await signIn(page, stack, `/cargas/exatos/${job}`);
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await stack?.stop();
});

const table = () => page.getByRole('table', { name: 'Recusadas' });
const drawn = () => table().locator('tbody tr[aria-rowindex]');

test('a thousand rejected rows are there, but only those in sight are drawn, with every digit', async () => {
  await table().getByText(BIG).waitFor();
  await table().getByText('12345678901234567890.10').waitFor();
  await table().getByText('{"m":1.10}').waitFor();
  await expect.poll(() => table().getAttribute('aria-rowcount')).toBe('1002');
  await expect.poll(() => drawn().count()).toBeLessThan(60);
  await page
    .getByRole('region', { name: 'Recusadas' })
    .evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.getByText(/^400 de 1\.001 linhas/).waitFor();
});

test('rows are searched and narrowed on the server, and the address keeps the question', async () => {
  await page.getByRole('searchbox', { name: 'Procurar nas linhas' }).fill('n777');
  await expect.poll(() => drawn().count()).toBe(1);
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('n777');
  await page.getByRole('searchbox', { name: 'Procurar nas linhas' }).fill('');
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBeNull();
  await page.getByLabel('Tipo de erro').selectOption({ label: 'número fora do limite em idade (1)' });
  await expect.poll(() => drawn().count()).toBe(1);
  await page.reload();
  await expect.poll(() => drawn().count()).toBe(1);
});

test('a cell is mended in place, kept over a reload, and sent as a job linked to the first', async () => {
  await page.getByLabel('Tipo de erro').selectOption('');
  await page.getByRole('button', { name: 'Corrigir aqui' }).click();
  const cell = page.getByRole('textbox', { name: 'idade, linha 1', exact: true });
  await expect.poll(() => cell.getAttribute('aria-invalid')).toBe('true');
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 720 });
  await expect
    .poll(async () => {
      const box = await cell.boundingBox();
      return box !== null && box.x >= 0 && box.x + box.width <= 320 && box.width >= 150;
    })
    .toBe(true);
  await page.setViewportSize(wide ?? { width: 1280, height: 720 });
  await cell.fill('7');
  await page.reload();
  await page.getByText('1 linha alterada, guardada neste navegador').waitFor();
  await page.getByRole('button', { name: 'Enviar 1 linha corrigida' }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/cargas/exatos/') && !url.pathname.endsWith(job));
  await page.getByText('Concluída', { exact: true }).first().waitFor();
  const stored = await client.db.query('select codigo::text, saldo::text, extra::text, idade from loja.exatos');
  expect(stored.rows).toEqual([{ codigo: BIG, saldo: '12345678901234567890.10', extra: '{"m": 1.10}', idade: 7 }]);
  await page.getByText('Corrige linhas recusadas de').waitFor();
  await page.getByRole('link', { name: 'a carga de exatos.ndjson' }).click();
  await page.waitForURL(new RegExp(job));
  await page.getByText('Linhas recusadas desta carga foram corrigidas em 1 outra:').waitFor();
  await page.getByRole('link', { name: '1 linha', exact: true }).waitFor();
});

test('the page tells what happened, who asked and which worker did it', async () => {
  const events = page.locator('section', { hasText: 'O que aconteceu' }).last();
  await events.getByText(/Pedida · por/).waitFor();
  await events.getByText(/Começou · no processo .+ #\d+/).waitFor();
  await events.getByText('Terminou').waitFor();
  expect(troubles).toEqual([]);
});
