import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';

const ROWS = [{ id: '00000000-0000-4000-8000-000000000001', pessoa: 'F', nome: 'Ana' }];

let stack: Stack;
let browser: Browser;
let page: Page;
let db: pg.Client;

beforeAll(async () => {
  // No worker: the job waits in the queue for as long as the test wants.
  stack = await startStack({ workers: 0 });
  db = new pg.Client({ connectionString: stack.databaseUrl });
  await db.connect();
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
  await db?.end();
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

test('what is not there is said with the way back and the number of the request to hand on', async () => {
  await page.goto(`${stack.url}/cargas/fornecedores/00000000-0000-4000-8000-000000000000`);
  const alert = page.getByRole('alert').filter({ hasText: 'Código de suporte:' });
  await alert.getByText('Não encontrado').waitFor();
  await expect.poll(() => alert.locator('code').textContent()).toMatch(/^[0-9a-f-]{36}$/);
  await alert.getByRole('button', { name: 'Copiar o código de suporte' }).click();
  // Toasts are said to screen readers as well; without a clipboard it is said how to copy by hand.
  await page
    .getByRole('status')
    .getByText(/^Copiado\.$|marque o texto/)
    .waitFor();
  // Another try would find nothing either.
  expect(await alert.getByRole('button', { name: 'Tentar de novo' }).count()).toBe(0);
  await alert.getByRole('link', { name: 'Ver todas as cargas' }).click();
  await page.getByRole('heading', { name: 'Cargas', exact: true }).waitFor();
});

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
  await expect.poll(() => page.title()).toMatch(/^Concluída · /);
});

test('a job that has ended tells phases, outcomes that add up, file, author, the speed it had, and how to ask for it again', async () => {
  const id = new URL(page.url()).pathname.split('/').at(-1);
  // As a job of some seconds leaves them, whose first worker died.
  await db.query(
    `insert into carga.job_samples (job_id, attempt, elapsed_ms, phase, rows_read)
       select $1, 2, n * 1000, 'staging', n * 100000 from generate_series(1, 4) n`,
    [id],
  );
  await db.query(
    `update carga.jobs set attempt = 2, stage_ms = 4321, options = options || '{"mapping": {"apelido": "nome"}}'
       where id = $1`,
    [id],
  );
  await page.reload();
  await page.getByText('2 tentativas: retomado após falha. Nenhuma linha é gravada duas vezes.').waitFor();
  const card = (name: string) =>
    page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });
  await expect
    .poll(() => card('Etapas').getByRole('listitem').allInnerTexts())
    .toEqual([
      expect.stringMatching(/^Na fila\s+\d/),
      expect.stringMatching(/^Buscar o arquivo\s+\d/),
      'Preparar as linhas\n4,3 s',
      expect.stringMatching(/^Conferir\s+\d/),
      expect.stringMatching(/^Gravar na tabela\s+\d/),
      expect.stringMatching(/^Total\s+\d/),
    ]);
  const figures = await card('O que aconteceu com as linhas').locator('dd').allInnerTexts();
  expect(figures.slice(1).reduce((sum, text) => sum + Number(text), 0)).toBe(Number(figures[0]));
  const facts = card('Arquivo e pedido');
  await facts.getByText(/^[0-9a-f]{64}$/).waitFor();
  await facts.getByText(/\d+ B/).waitFor();
  await facts.getByText('(pessoa)').waitFor();
  await facts
    .getByText(/^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d GMT-3$/)
    .first()
    .waitFor();
  await facts.getByText('apelido → nome').waitFor();
  await page.getByRole('img', { name: /^Linhas por segundo ao longo da tentativa, até 100\.000/ }).waitFor();
  const table = page.getByRole('table', { name: 'Tentativa 2' });
  await expect
    .poll(() => table.getByRole('row').nth(4).getByRole('cell').allInnerTexts())
    .toEqual(['4 s', 'Preparar as linhas', '400.000', '100.000']);
  await page.getByText(/^curl -X PUT 'http.+\/api\/fornecedores\/_bulk'/).waitFor();
  await page.getByText('linhas iguais ficam como estão').waitFor();
});

test('a job that runs shows rows, speed and time left, says what it does not know, and the tab tells the percent', async () => {
  await stack.workers[0]?.kill();
  await importRows();
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const move = (percent: number, speed: number | null) =>
    db.query(
      `update carga.jobs set status = 'processing', phase = 'staging', attempt = 1, revision = revision + 1, percent = $2::int,
         started_at = coalesce(started_at, now() - interval '60 s'), rows_total = 1000000, rows_read = 10000 * $2::int,
         rows_per_second = $3 where id = $1`,
      [id, percent, speed],
    );
  await move(0, null);
  await page.getByText('ainda não dá para dizer quanto falta').waitFor();
  await move(42, 7000);
  await page.getByText(/^42 % · 420\.000 de 1\.000\.000 linhas · 7\.000 linhas\/s · faltam cerca de 1 min/).waitFor();
  await expect.poll(() => page.title()).toMatch(/^42 % · \d+\.json · Carga$/);
  await expect
    .poll(() => page.getByRole('listitem').filter({ hasText: 'Preparar as linhas' }).getAttribute('aria-current'))
    .toBe('step');
  // What screen readers hear is the phase; the percent is the bar's.
  expect(await page.getByRole('status').filter({ hasText: 'Preparar as linhas' }).textContent()).not.toMatch(/%|42/);
  await expect.poll(() => page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('42');
  // Who wants nothing to move is shown the same without it.
  const bar = page.getByRole('progressbar').locator('div');
  const moves = () => bar.evaluate((element) => getComputedStyle(element).transitionDuration);
  expect(await moves()).not.toBe('0s');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(() => moves()).toBe('0s');
});
