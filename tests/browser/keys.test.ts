// The page of API keys: made, used as its examples say, seen in use, revoked.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';

let stack: Stack;
let browser: Browser;
let page: Page;
let troubles: string[];
const folder = mkdtempSync(path.join(tmpdir(), 'carga-try-'));

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  browser = await launchChromium();
  const options = { viewport: { width: 1280, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] };
  ({ page, troubles } = await openPage(browser, stack, options));
  await signIn(page, stack, '/chaves');
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true });
});

const jobs = (secret: string) => fetch(`${stack.url}/api/jobs`, { headers: { authorization: `Bearer ${secret}` } });

/** Runs an example as a person would who copied it; null where the machine has no such program. */
function runExample(language: string, code: string, secret: string): string | null {
  const file = path.join(folder, { curl: 'example.sh', Node: 'example.mjs', Python: 'example.py' }[language] ?? '');
  writeFileSync(file, code);
  const program = { curl: 'bash', Node: process.execPath, Python: 'python3' }[language] ?? '';
  if (spawnSync(program, ['--version']).error) return null;
  // The first example sets the variable; the others find it as they would in a program's surroundings.
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...(language === 'curl' ? {} : { CARGA_API_KEY: secret }),
  };
  const run = spawnSync(program, [file], { encoding: 'utf8', env: env as unknown as NodeJS.ProcessEnv });
  // curl tells its progress on stderr.
  expect([language, run.status, run.status === 0 ? '' : run.stderr]).toEqual([language, 0, '']);
  return run.stdout;
}

test('a key is made, copied, used as its examples say, and revoked', async () => {
  await page.getByRole('button', { name: 'Criar chave' }).click();
  await page.getByLabel('Nome').fill('Robô do estoque');
  await page.getByLabel('Acesso', { exact: true }).selectOption({ label: 'Consulta' });
  await page.getByLabel('Validade').selectOption({ label: '30 dias' });
  await page.getByLabel('todas as figuras').uncheck();
  await page.getByRole('button', { name: 'Criar', exact: true }).click();
  await page.getByText('Escolha ao menos uma figura.').waitFor();
  await page.getByLabel('fornecedores').check();
  const begun = Date.now();
  await page.getByRole('button', { name: 'Criar', exact: true }).click();
  const box = page.getByRole('region', { name: 'Chave “Robô do estoque” criada' });
  const secret = (await box.locator('code').first().textContent()) ?? '';
  expect(secret).toMatch(/^carga_[0-9A-Za-z]{49}$/);
  await box.getByRole('button', { name: 'Copiar o segredo' }).click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toBe(secret);

  let code = secret;
  for (const language of ['curl', 'Node', 'Python']) {
    await box.getByRole('button', { name: `Copiar o exemplo em ${language}` }).click();
    await expect.poll(copied).not.toBe(code);
    code = await copied();
    const output = runExample(language, code, secret);
    if (output !== null) expect([language, output]).toEqual([language, expect.stringContaining('items')]);
  }

  await page.reload();
  const row = page.getByRole('row', { name: /Robô do estoque/ });
  await expect.poll(() => row.textContent()).not.toContain('nunca usada');
  const cells = (await row.getByRole('cell').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
  // Made at some moment since it was asked for, before midnight or after.
  const expiries = [begun, Date.now()].map((made) =>
    new Date(made + 30 * 86_400_000).toLocaleDateString('pt-BR', { timeZone: 'America/Sao_Paulo' }),
  );
  // Name and ends of the secret, state, access, figuras, author, last use, expiry.
  expect(cells.slice(0, 7)).toEqual([
    `Robô do estoque ${secret.slice(0, 10)}…${secret.slice(-4)}`,
    'Ativa',
    'Consulta',
    'fornecedores',
    expect.stringMatching(/^Administrador (agora|há )/),
    expect.stringMatching(/^(agora|há )/),
    expect.stringMatching(expiries.join('|')),
  ]);
  expect(await page.content()).not.toContain(secret);

  expect((await jobs(secret)).status).toBe(200);
  await row.getByRole('button', { name: 'Revogar: Robô do estoque' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revogar' }).click();
  await row.getByText('Revogada').filter({ visible: true }).waitFor();
  expect((await jobs(secret)).status).toBe(401);
  expect(troubles).toEqual([]);
});
