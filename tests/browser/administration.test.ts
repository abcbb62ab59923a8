// What administrators do in pages: webhooks with their log, and the audit.
import { readFileSync } from 'node:fs';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient } from '#tests/support/stack-client.ts';
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
  await expect.poll(() => page.getByLabel('Foi cancelada').isChecked()).toBe(false);
  expect(await page.content()).not.toContain('whsec_');
  receiver.answers.push(500);
  await page.getByRole('button', { name: 'Enviar teste' }).first().click();
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
  await page.getByLabel('Ação', { exact: true }).selectOption({ label: 'Webhook alterado' });
  await page.getByRole('button', { name: 'Filtrar' }).click();
  await page.waitForURL(/action=webhook\.changed/);
  const table = page.getByRole('region', { name: 'Auditoria' });
  await expect.poll(() => table.locator('tbody tr').count()).toBe(1);
  // When, who, what, target by name and number, result, from where.
  const cells = (await table.locator('tbody td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  expect(cells).toEqual([
    expect.stringMatching(/^\d\d\/\d\d\/\d{4} \d\d:\d\d$/),
    'Administrador pessoa',
    'Webhook alterado Ver a mudança',
    expect.stringMatching(/^ERP da matriz webhook:[0-9a-f-]{36}$/),
    'Feito',
    '127.0.0.1',
  ]);
  // Its only buttons narrow the list: nothing to edit or to delete.
  for (const name of await table
    .getByRole('button')
    .evaluateAll((all) => all.map((button) => button.getAttribute('title')))) {
    expect(name).toMatch(/^Mostrar só /);
  }
  await table.getByText('Ver a mudança').click();
  await table.getByText('"enabled": true').waitFor();
  await table.getByText('"enabled": false').waitFor();
  expect(await findings()).toEqual([]);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Baixar CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('carga.audit.csv');
  const csv = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\r\n');
  expect(csv).toHaveLength(2);
  expect(csv[1]).toContain('webhook.changed');
  await page.reload();
  await expect.poll(() => table.locator('tbody tr').count()).toBe(1);
  await page.goto(`${stack.url}/auditoria?from=2000-01-01&to=2000-01-02`);
  await page.getByText('Nenhum registro com estes filtros').waitFor();
  await page.getByRole('button', { name: 'Limpar filtros' }).click();
  await expect.poll(() => table.locator('tbody tr').count()).toBeGreaterThan(3);
  expect(troubles).toEqual([]);
});

test('people are found by name, a change of access is there at once, and somebody disabled is out', async () => {
  const client = await openStackClient(stack);
  onTestFinished(() => client.close());
  const password = 'uma senha comprida';
  await client.call('POST', '/api/users', { email: 'rui@exemplo.com.br', name: 'Rui', role: 'operator', password });
  const other = await openPage(browser, stack);
  const rui = { ...stack, administrator: { email: 'rui@exemplo.com.br', password } };
  await signIn(other.page, rui, '/importar');

  await page.goto(`${stack.url}/pessoas`);
  const rows = page.getByRole('table', { name: 'Pessoas' }).locator('tbody tr');
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByRole('searchbox').fill('RÚI@');
  await expect.poll(() => rows.count()).toBe(1);
  await page.reload();
  await expect.poll(() => rows.count()).toBe(1);
  const cells = async () => (await rows.locator('td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  expect((await cells()).slice(0, 5)).toEqual([
    'Rui rui@exemplo.com.br',
    'Ativa',
    'Operação',
    'nenhuma',
    expect.stringMatching(/^(agora|há )/),
  ]);

  await page.getByRole('button', { name: 'Alterar Rui' }).click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('name');
  await page.getByLabel('Acesso', { exact: true }).selectOption({ label: 'Consulta' });
  await page.getByRole('button', { name: 'Salvar' }).click();
  await rows.getByText('Consulta').filter({ visible: true }).waitFor();
  // Whoever works by keyboard is back at the button.
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Alterar Rui');
  // What the old role had opened is closed: the next page asks who is there.
  await other.page.goto(`${stack.url}/importar`);
  await other.page.waitForURL(/\/login/);
  await signIn(other.page, rui, '/cargas');
  await page.getByRole('button', { name: 'Desativar: Rui' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Desativar' }).click();
  await rows.getByText('Desativada').filter({ visible: true }).waitFor();
  await other.page.goto(`${stack.url}/cargas`);
  await other.page.waitForURL(/\/login/);
  // Disabled, never deleted: there is a way back, and none to take somebody away.
  await rows.getByRole('button', { name: 'Reativar: Rui' }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: /Excluir|Apagar|Remover/ }).count()).toBe(0);
  await other.page.context().close();
  expect([...troubles, ...other.troubles]).toEqual([]);
});

test('the last administrator can neither be disabled nor made something else', async () => {
  await page.goto(`${stack.url}/pessoas`);
  await page.getByRole('button', { name: 'Alterar Administrador' }).click();
  await page.getByLabel('Acesso', { exact: true }).selectOption({ label: 'Consulta' });
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('Esta é a última pessoa com acesso de administrador.').waitFor();
  await page.getByRole('button', { name: 'Desativar: Administrador' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Desativar' }).click();
  await page.getByText('Esta é a última pessoa com acesso de administrador.').waitFor();
  await page.reload();
  await page
    .getByRole('row', { name: /admin@localhost/ })
    .getByText('Ativa', { exact: true })
    .filter({ visible: true })
    .waitFor();
});

test('a figura is removed only once its name was typed, and its table stays', async () => {
  const client = await openStackClient(stack);
  onTestFinished(() => client.close());
  await client.db.query('create table public.pecas (id int primary key); insert into public.pecas values (1)');
  await client.call('POST', '/api/figuras', { name: 'pecas', table: 'public.pecas' });
  await page.goto(`${stack.url}/figuras/pecas`);
  await page.getByRole('button', { name: 'Remover figura' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remover a figura “pecas”?' });
  const remove = dialog.getByRole('button', { name: 'Remover figura' });
  await dialog.getByLabel('Para confirmar').fill('peca');
  await expect.poll(() => remove.isDisabled()).toBe(true);
  await dialog.getByLabel('Para confirmar').fill('pecas');
  await remove.click();
  await page.waitForURL(`${stack.url}/figuras`);
  await page.getByText('A figura pecas foi removida.').waitFor();
  expect((await client.call('GET', '/api/figuras/pecas')).status).toBe(404);
  expect((await client.db.query('select from public.pecas')).rowCount).toBe(1);
  expect(troubles).toEqual([]);
});

test('a list that cannot be had says so with the number of the request, and is there on another try', async () => {
  const client = await openStackClient(stack);
  onTestFinished(() => client.close());
  for (const [path, name, shown] of [
    ['/chaves', 'api_keys', 'Chaves de API'],
    ['/auditoria', 'audit', 'Auditoria'],
    ['/webhooks', 'webhooks', 'Ainda não há webhooks'],
  ] as const) {
    await client.db.query(`alter table carga.${name} rename to gone`);
    await page.goto(stack.url + path);
    await page.getByText(/^Código de suporte: [0-9a-f-]{36}$/).waitFor();
    await client.db.query(`alter table carga.gone rename to ${name}`);
    await page.getByRole('button', { name: 'Tentar de novo' }).click();
    await page.getByRole('table', { name: shown }).or(page.getByText(shown)).first().waitFor();
    await expect.poll(() => page.getByRole('alert').filter({ hasText: 'Número' }).count()).toBe(0);
  }
  // The console says 500 as well, and is meant to.
  expect(troubles.splice(0).filter((trouble) => !trouble.includes('status of 500'))).toEqual([]);
});
