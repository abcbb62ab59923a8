// The ways in, as people go them: a link, a forgotten password, the identity provider.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { type IdentityProvider, startIdentityProvider } from '#tests/support/identity-provider.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';

let provider: IdentityProvider;
let stack: Stack;
let client: StackClient;
let browser: Browser;
const troubles: string[] = [];

beforeAll(async () => {
  provider = await startIdentityProvider();
  stack = await startStack({ env: provider.env });
  provider.serve(stack.url);
  client = await openStackClient(stack);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await client?.close();
  await stack?.stop();
  await provider?.stop();
});

/** A page of somebody else's browser. */
async function open(): Promise<Page> {
  const watched = await openPage(browser, stack);
  // The provider is another host, and meant to be.
  watched.page.on('close', () => {
    troubles.push(...watched.troubles.filter((trouble) => !trouble.includes(provider.env.OIDC_ISSUER as string)));
  });
  return watched.page;
}

test('an invited person chooses a password by the link that the administrator copies, and changes it', async () => {
  const admin = await open();
  await signIn(admin, stack, '/pessoas');
  await admin.getByRole('button', { name: 'Acrescentar pessoa' }).click();
  await admin.getByLabel('E-mail', { exact: true }).fill('bia@exemplo.com.br');
  await admin.getByLabel('Nome', { exact: true }).fill('Bia');
  await admin.getByRole('button', { name: 'Salvar' }).click();
  const panel = admin.getByRole('region', { name: 'Link de acesso de Bia' });
  const link = (await panel.locator('code').textContent()) ?? '';
  await expect.poll(() => panel.evaluate((element) => element === document.activeElement)).toBe(true);
  await admin.getByText('Convidada').filter({ visible: true }).waitFor();

  const page = await open();
  await page.goto(link);
  await page.getByText('bia@exemplo.com.br').waitFor();
  await page.getByLabel('Senha', { exact: true }).fill('curta');
  await page.getByLabel('Repita a senha').fill('outra');
  await page.getByRole('button', { name: 'Salvar e entrar' }).click();
  await page.getByText('A senha precisa de ao menos 8 caracteres.').waitFor();
  await page.getByText('As duas senhas não são iguais.').waitFor();
  await page.getByLabel('Senha', { exact: true }).fill('uma senha de Bia');
  await page.getByLabel('Repita a senha').fill('uma senha de Bia');
  await page.getByRole('button', { name: 'Salvar e entrar' }).click();
  await page.waitForURL(`${stack.url}/importar`);

  await page.getByRole('button', { name: /Menu de/ }).click();
  await page.getByRole('link', { name: 'Seu perfil' }).click();
  await page.getByLabel('Senha atual').fill('não é esta');
  await page.getByLabel('Nova senha', { exact: true }).fill('outra senha de Bia');
  await page.getByLabel('Repita a senha').fill('outra senha de Bía');
  await page.getByRole('button', { name: 'Trocar' }).click();
  await page.getByText('As duas senhas não são iguais.').waitFor();
  await page.getByLabel('Repita a senha').fill('outra senha de Bia');
  await page.getByRole('button', { name: 'Trocar' }).click();
  await page.getByText('A senha atual não confere.').waitFor();
  await page.getByLabel('Senha atual').fill('uma senha de Bia');
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Trocar' }).click()]);
  await page.getByLabel('Nome', { exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/perfil');
  await page.getByLabel('Nome', { exact: true }).fill('Beatriz');
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('Nome salvo.').waitFor();
  await page.getByText('Beatriz').filter({ visible: true }).first().waitFor();

  const late = await open();
  await late.goto(link);
  await late.getByText('Este link não vale').waitFor();
  await Promise.all([admin, page, late].map((one) => one.close()));
});

test('the identity provider leads whom we know to where they were going, and nobody else', async () => {
  await client.call('POST', '/api/users', { email: 'leo@exemplo.com.br', name: 'Léo', role: 'viewer' });
  provider.accounts.set('leo', { name: 'Léo', email: 'leo@exemplo.com.br', email_verified: true });
  provider.accounts.set('ze', { name: 'Zé', email: 'ze@exemplo.com.br', email_verified: true });
  provider.person = 'leo';
  const page = await open();
  await page.goto(`${stack.url}/cargas?status=error&figura=a%20b`);
  await page.getByRole('button', { name: 'Entrar com Portal' }).click();
  await page.waitForURL((url) => url.pathname === '/cargas' && url.searchParams.get('figura') === 'a b');
  expect(new URL(page.url()).searchParams.get('status')).toBe('error');
  await page.getByRole('button', { name: /Menu de/ }).click();
  await page.getByRole('link', { name: 'Seu perfil' }).click();
  await page.getByText('Você entra pelo provedor de identidade').waitFor();
  await page.getByRole('button', { name: /Menu de/ }).click();
  await page.getByRole('button', { name: 'Sair' }).click();
  await page.getByRole('button', { name: 'Sair do portal' }).click();
  await page.waitForURL(`${stack.url}/login`);

  provider.person = 'ze';
  const other = await open();
  await other.goto(`${stack.url}/login`);
  await other.getByRole('button', { name: 'Entrar com Portal' }).click();
  await other.getByText('Esta conta não tem acesso ao Carga.').waitFor();

  // Refused at the provider, and let in at the next try: still to where they were going.
  provider.person = null;
  const third = await open();
  await third.goto(`${stack.url}/cargas?status=error&figura=a%20b`);
  await third.getByRole('button', { name: 'Entrar com Portal' }).click();
  await third.getByText('A entrada pelo provedor não foi concluída.').waitFor();
  provider.person = 'leo';
  await third.getByRole('button', { name: 'Entrar com Portal' }).click();
  await third.waitForURL((url) => url.pathname === '/cargas' && url.searchParams.get('figura') === 'a b');
  await Promise.all([page, other, third].map((one) => one.close()));
});

test('a password can be pasted, and a password manager knows which field is which', async () => {
  const page = await open();
  const fieldsOf = () =>
    page
      .locator('form input[autocomplete]')
      .evaluateAll((all) => all.map((input) => [input.getAttribute('name'), input.getAttribute('autocomplete')]));
  await page.goto(`${stack.url}/login`);
  const [email, password] = [page.getByLabel('E-mail'), page.getByLabel('Senha')];
  expect(await fieldsOf()).toEqual([
    ['email', 'username'],
    ['password', 'current-password'],
  ]);
  await email.fill(stack.administrator.password);
  await email.press('ControlOrMeta+A');
  await email.press('ControlOrMeta+X');
  await password.press('ControlOrMeta+V');
  await expect.poll(() => password.inputValue()).toBe(stack.administrator.password);
  await email.fill(stack.administrator.email);
  await email.press('Enter');
  await page.waitForURL(`${stack.url}/visao-geral`);
  await page.goto(`${stack.url}/perfil`);
  await page.getByLabel('Senha atual').waitFor();
  expect(await fieldsOf()).toEqual([
    ['name', 'name'],
    ['email', 'username'],
    ['current', 'current-password'],
    ['password', 'new-password'],
    ['again', 'new-password'],
  ]);
  const { json } = await client.call('POST', '/api/users', {
    email: 'eva@exemplo.com.br',
    name: 'Eva',
    role: 'viewer',
  });
  const link = await client.call('POST', `/api/users/${json.id}/link`);
  const invited = await open();
  await invited.goto(link.json.url);
  const names = () =>
    invited
      .locator('form input')
      .evaluateAll((all) => all.map((input) => `${input.getAttribute('name')} ${input.getAttribute('autocomplete')}`));
  await expect.poll(names).toEqual(['email username', 'name name', 'password new-password', 'again new-password']);
  await Promise.all([page, invited].map((one) => one.close()));
});

test('no page broke its policy or failed on the way', () => {
  expect(troubles).toEqual([]);
});
