import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';

const ROWS = [{ id: '00000000-0000-4000-8000-000000000001', pessoa: 'F', nome: 'Ana' }];

let stack: Stack;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  // No worker: the job waits in the queue for as long as the test wants.
  stack = await startStack({ workers: 0 });
  browser = await launchChromium();
  ({ page } = await openPage(browser, stack));
  await page.goto(`${stack.url}/login?callbackUrl=${encodeURIComponent('//evil.example/')}`);
  await page.getByLabel('E-mail').fill(stack.administrator.email);
  await page.getByLabel('Senha').fill(stack.administrator.password);
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.waitForURL(`${stack.url}/visao-geral`);
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

async function importRows(): Promise<void> {
  await page.goto(`${stack.url}/importar?figura=fornecedores`);
  const buffer = Buffer.from(JSON.stringify(ROWS));
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: `${Date.now()}.json`, mimeType: 'application/json', buffer });
  await page.getByRole('button', { name: /^Importar [\d.]+ linhas?$/ }).click();
  await page.waitForURL(/\/cargas\/fornecedores\//);
  await page.getByText('Na fila', { exact: true }).first().waitFor();
}

test('a waiting job is cancelled after a question that says what it does', async () => {
  await importRows();
  await page.getByRole('button', { name: 'Cancelar a carga' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancelar esta carga?' });
  await dialog.getByText('a tabela fica como está').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Cancelar a carga' }).click();
  await dialog.getByRole('button', { name: 'Cancelar a carga' }).click();
  await page.getByText('Cancelada', { exact: true }).waitFor();
});

test('the page says that it reconnects while the server is away, and goes on by itself', async () => {
  await importRows();
  await stack.web.kill();
  await page.getByText('A conexão caiu; tentando de novo.').waitFor();
  await stack.restartWeb();
  await page.getByText('A conexão caiu; tentando de novo.').waitFor({ state: 'detached' });
  stack.startWorker();
  await page.getByText('Concluída', { exact: true }).waitFor();
  expect(await page.title()).toMatch(/^Concluída · /);
});
