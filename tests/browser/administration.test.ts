// What administrators do in pages: webhooks with their log, and the audit.
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { startWebhookReceiver, type WebhookReceiver } from '#tests/support/webhook-receiver.ts';

let receiver: WebhookReceiver;
let stack: Stack;
let browser: Browser;
let page: Page;
let troubles: string[];

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  stack = await startStack({ env: { WEBHOOK_ALLOWED_HOSTS: receiver.host } });
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack));
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await receiver?.stop();
});

/** What axe calls serious or critical on the page as it stands. */
async function findings(): Promise<string[]> {
  await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate(async () => {
    type Finding = { id: string; impact: string };
    const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } };
    const { violations } = await axe.run();
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id);
  });
}

test('a webhook is made, tested, and its secret changed; the log says what came of each message', async () => {
  await signIn(page, stack, '/webhooks');
  await page.getByRole('button', { name: 'Criar webhook' }).click();
  await page.getByLabel('Endereço').fill('http://10.0.0.1/');
  await page.getByRole('button', { name: 'Criar', exact: true }).click();
  await page.getByText('não é um endereço público').waitFor();
  await page.getByLabel('Endereço').fill(receiver.url);
  await page.getByLabel('Descrição').fill('ERP da matriz');
  await page.getByLabel('Foi cancelada').uncheck();
  await page.getByRole('button', { name: 'Criar', exact: true }).click();
  const shown = page.getByRole('region', { name: 'Segredo do webhook' });
  const secret = (await shown.locator('code').textContent()) ?? '';
  expect(secret).toMatch(/^whsec_/);
  expect(await findings()).toEqual([]);

  await page.getByRole('link', { name: 'ERP da matriz' }).click();
  await page.getByText('Nada foi enviado ainda').waitFor();
  expect(await page.getByLabel('Foi cancelada').isChecked()).toBe(false);
  expect(await page.content()).not.toContain('whsec_');
  receiver.answers.push(500);
  await page.getByRole('button', { name: 'Enviar teste' }).click();
  const log = page.getByRole('region', { name: 'Mensagens dos últimos 30 dias' }).first();
  await log.getByText('Não entregue').waitFor();
  await log.getByText('Ver tentativas e mensagem').click();
  await log.getByText('não é uma resposta 2xx').waitFor();
  await log.getByText('answer 1', { exact: true }).waitFor();
  expect(await findings()).toEqual([]);
  await log.getByRole('button', { name: /^Enviar de novo/ }).click();
  await log.getByText('Entregue', { exact: true }).waitFor();
  expect(receiver.messages).toHaveLength(2);
  for (const { body, headers } of receiver.messages) {
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'webhook.test' });
  }

  await page.getByRole('button', { name: 'Trocar o segredo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Trocar o segredo' }).click();
  await expect.poll(() => shown.locator('code').textContent()).not.toBe(secret);
  await page.getByText('O anterior também assina até').waitFor();
  await page.getByLabel('Ligado').uncheck();
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('O webhook foi salvo.').waitFor();
  await page.getByRole('button', { name: 'Remover', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remover' }).click();
  await page.getByText('Ainda não há webhooks').waitFor();
  expect(troubles).toEqual([]);
});

test('the audit is narrowed by its address, shows before and after, and is taken out as CSV', async () => {
  await page.goto(`${stack.url}/auditoria`);
  await page.getByLabel('Ação', { exact: true }).fill('webhook.changed');
  await page.getByRole('button', { name: 'Filtrar' }).click();
  await page.waitForURL(/action=webhook\.changed/);
  const table = page.getByRole('region', { name: 'Auditoria' });
  await expect.poll(() => table.locator('tbody tr').count()).toBe(1);
  await table.getByText('Ver a mudança').click();
  await table.getByText('"enabled": true').waitFor();
  await table.getByText('"enabled": false').waitFor();
  expect(await findings()).toEqual([]);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Baixar CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('carga.audit.csv');
  await page.goto(`${stack.url}/auditoria?from=2000-01-01&to=2000-01-02`);
  await page.getByText('Nenhum registro com estes filtros').waitFor();
  await page.getByRole('button', { name: 'Limpar filtros' }).click();
  await expect.poll(() => table.locator('tbody tr').count()).toBeGreaterThan(3);
  expect(troubles).toEqual([]);
});
