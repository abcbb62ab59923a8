import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';

const SCRIPT = '<script>window.broken=1</script>';
const IMAGE = '<img src=x onerror="window.broken=1">';
const FILE_NAME = `${IMAGE}.csv`;

let stack: Stack;
let client: StackClient;
let browser: Browser;
let page: Page;
let troubles: string[];
let webhookId: string;

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query(`create schema loja;
    create table loja.clientes (codigo integer primary key, "${IMAGE.replaceAll('"', '""')}" text, nome text);
    comment on column loja.clientes.nome is '${SCRIPT}'`);
  await client.call('POST', '/api/figuras', { name: 'clientes', title: `Clientes ${IMAGE}`, table: 'loja.clientes' });
  await client.call('POST', '/api/keys', { name: `${SCRIPT}${IMAGE}`, role: 'viewer', figuras: ['*'] });
  // Switched off: nothing is sent to it.
  const receiver = { url: 'https://8.8.8.8:9/carga', description: `${SCRIPT}${IMAGE}`, enabled: false };
  webhookId = (await client.call('POST', '/api/webhooks', receiver)).json.id;
  await client.db.query('update carga.users set name = $1', [`${SCRIPT}${IMAGE}`]);
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack));
  await signIn(page, stack);
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await stack?.stop();
});

const isBroken = () => page.evaluate(() => 'broken' in window);

test('every page has a policy of its own that lets no foreign script run', async () => {
  const policies = await Promise.all(
    ['/login', '/importar', '/nao/existe'].map(async (path) => {
      const { headers } = await fetch(stack.url + path, { redirect: 'manual' });
      return headers.get('content-security-policy') ?? '';
    }),
  );
  for (const policy of policies) {
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
    expect(scripts).toMatch(/'nonce-[\w+/=]{20,}'/);
    expect(scripts).not.toMatch(/unsafe|https?:|\*/);
    expect(policy).toContain(`connect-src 'self' ${new URL(stack.s3.endpoint).origin};`);
    expect(policy).toContain("frame-ancestors 'none'");
  }
  expect(new Set(policies).size).toBe(policies.length);
  // The API's bodies may be larger than what Next lets through a proxy.
  const api = await fetch(`${stack.url}/api/health/live`);
  expect(api.headers.get('content-security-policy')).toBeNull();
});

test('a script that somebody gets into a page does not run', async () => {
  await page.goto(`${stack.url}/cargas`);
  await page.getByRole('heading', { name: 'Cargas' }).waitFor();
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.broken=1">');
  });
  await expect.poll(() => troubles.length).toBeGreaterThan(0);
  expect(troubles.splice(0).join()).toMatch(/Content Security Policy/);
  await expect.poll(() => isBroken()).toBe(false);
});

test('names and cells are shown as the text they are, on every page that has any', async () => {
  const text = `codigo;${IMAGE.replace(/"/g, '')};nome\n1;${SCRIPT};Ana\n${IMAGE.replace(/"/g, '')};x;y\n`;
  await page.goto(`${stack.url}/importar?figura=clientes`);
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: FILE_NAME, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByText('Conferir as colunas').waitFor();
  await page.getByText(/Ver as primeiras/).click();
  await page.getByRole('cell', { name: SCRIPT }).first().waitFor();
  await page.getByRole('button', { name: 'Importar 1 linha' }).click();
  await page.waitForURL(/\/cargas\/clientes\//);
  await page.getByText('Concluída com recusas', { exact: true }).waitFor();
  await page.getByRole('heading', { name: FILE_NAME }).waitFor();
  await page
    .getByRole('cell', { name: IMAGE.replace(/"/g, '') })
    .first()
    .waitFor();
  await expect.poll(() => isBroken()).toBe(false);
  for (const path of [
    ...['/cargas', '/figuras', '/figuras/clientes', '/figuras/clientes/documentacao', '/importar', '/pessoas'],
    ...['/chaves', '/webhooks', `/webhooks/${webhookId}`, '/auditoria', '/visao-geral'],
  ]) {
    await page.goto(stack.url + path);
    await page.waitForLoadState('networkidle');
    // The name of the person is in the head of every page; the overview has nothing else that people write.
    await page
      .locator(path === '/visao-geral' ? 'header' : 'main')
      .getByText(/<(img|script)/)
      .first()
      .waitFor({ state: 'attached' });
    await expect.poll(() => isBroken(), { message: path }).toBe(false);
    await expect.poll(() => page.locator('img[src=x]').count(), { message: path }).toBe(0);
  }
  expect(troubles).toEqual([]);
});
