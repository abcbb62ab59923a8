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
  // How long ago is said; the exact moment and its zone stand behind it, and the zone below the list.
  const created = rows().first().locator('time').filter({ visible: true });
  await expect.poll(() => created.getAttribute('title')).toMatch(/^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d GMT-3$/);
  await page.getByText('Horários de America/Sao_Paulo (GMT-3)').waitFor();
});

test('the list is sorted on the server, and the address keeps the order', async () => {
  await page.getByRole('button', { name: 'Arquivo' }).click();
  await expect.poll(names).toEqual(['a.csv', 'b.csv', 'c.csv']);
  await expect
    .poll(() => page.getByRole('columnheader', { name: 'Arquivo' }).getAttribute('aria-sort'))
    .toBe('ascending');
  await page.reload();
  await expect.poll(names).toEqual(['a.csv', 'b.csv', 'c.csv']);
  await page.getByRole('button', { name: 'Arquivo' }).click();
  await expect.poll(names).toEqual(['c.csv', 'b.csv', 'a.csv']);
  await page.getByRole('button', { name: 'Criada' }).click();
  await expect.poll(names).toEqual(['c.csv', 'a.csv', 'b.csv']);
});

test('the list is sorted by state; a page further on, and the way back from a job, are in the history', async () => {
  await page.getByRole('button', { name: 'Situação' }).click();
  await page.waitForURL(/sort=status&order=asc/);
  await page.getByRole('link', { name: 'a.csv' }).click();
  await page.getByRole('heading', { name: 'a.csv' }).waitFor();
  await page.goBack();
  await expect.poll(names).toEqual(['b.csv', 'a.csv', 'c.csv']);
  await expect.poll(() => new URL(page.url()).search).toBe('?sort=status&order=asc');
  await expect
    .poll(() => page.getByRole('columnheader', { name: 'Situação' }).getAttribute('aria-sort'))
    .toBe('ascending');
  await page.getByRole('button', { name: 'Criada' }).click();
  // More than a page of jobs that were all cancelled long ago.
  await client.db.query(
    `insert into carga.jobs (figura, status, phase, result, bucket, object_key, etag, file_name, file_size_bytes, file_format,
       created_by_kind, created_by_name, created_at, finished_at)
     select 'clientes', 'cancelled', 'done', null, 'b', 'k', 'e', 'velha ' || n || '.csv', 1, 'csv', 'user', 'Zoraide',
       now() - n * interval '1 day', now() from generate_series(1, 60) n`,
  );
  await page.reload();
  await expect.poll(names).toHaveLength(50);
  await page.getByRole('button', { name: 'Próxima página' }).click();
  await expect.poll(names).toHaveLength(13);
  await page.reload();
  await expect.poll(names).toHaveLength(13);
  await page.goBack();
  await expect.poll(names).toHaveLength(50);
  await client.db.query("delete from carga.jobs where file_name like 'velha %' and file_name <> 'velha 60.csv'");
  await page.reload();
});

test('the author narrows the list, by a name that is offered also where nothing of theirs is in sight', async () => {
  await page.getByLabel('Procurar').fill('c.csv');
  await expect.poll(names).toEqual(['c.csv']);
  const offered = page.locator('datalist option');
  await expect
    .poll(() => offered.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value)))
    .toContain('Zoraide');
  await page.getByLabel('Procurar').fill('');
  await page.getByLabel('Por', { exact: true }).fill('Zoraide');
  await expect.poll(names).toEqual(['velha 60.csv']);
  await client.db.query("delete from carga.jobs where file_name = 'velha 60.csv'");
  await page.getByLabel('Por', { exact: true }).fill('ninguém');
  await page.getByText('Nenhuma carga com estes filtros').waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('author')).toBe('ninguém');
  await page.getByRole('button', { name: 'Limpar filtros' }).click();
  await expect.poll(names).toHaveLength(3);
});

test('the period narrows the list by days as the reader has them, and the address keeps it', async () => {
  // Half past eleven at night of the ninth in São Paulo is the tenth in UTC.
  await client.db.query(
    `insert into carga.jobs (figura, status, phase, result, bucket, object_key, etag, file_name, file_size_bytes, file_format,
       created_by_kind, created_by_name, created_at, finished_at)
     select 'clientes', 'cancelled', 'done', null, 'b', 'k', 'e', name, 1, 'csv', 'user', 'Zoraide', at::timestamptz, now()
       from (values ('dia 9.csv', '2026-03-10T02:30:00Z'), ('dia 10.csv', '2026-03-10T15:00:00Z')) as old(name, at)`,
  );
  await page.getByLabel('Desde').fill('2026-03-10');
  await page.getByLabel('Até').fill('2026-03-10');
  await expect.poll(names).toEqual(['dia 10.csv']);
  const address = Object.fromEntries(new URL(page.url()).searchParams);
  expect(address).toMatchObject({ from: '2026-03-10', to: '2026-03-10' });
  await page.reload();
  await expect.poll(names).toEqual(['dia 10.csv']);
  await page.getByLabel('Desde').fill('2026-03-09');
  await expect.poll(names).toEqual(['dia 10.csv', 'dia 9.csv']);
  await client.db.query("delete from carga.jobs where file_name like 'dia %'");
  await page.goto(`${stack.url}/cargas`);
  await expect.poll(names).toHaveLength(3);
});

test('no row moves while the pointer is over the list; what came is counted and shown on request', async () => {
  await rows().first().hover();
  await enqueue('d.csv');
  const more = page.getByRole('button', { name: '1 carga nova — mostrar' });
  await more.waitFor();
  await expect.poll(() => names()).toEqual(['c.csv', 'a.csv', 'b.csv']);
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
  const days = async () =>
    (await table.locator('tbody tr').allInnerTexts()).map((row) => row.split('\t').map((cell) => cell.trim()));
  // Today; or yesterday, where midnight has come since.
  await expect
    .poll(async () => (await days()).filter((day) => day.at(-1) !== '0'))
    .toEqual([[expect.stringMatching(/^\d\d\/\d\d\/\d{4}$/), '0', '0', '0', '2']]);
  await page.getByLabel('Período').selectOption('7');
  await expect.poll(() => new URL(page.url()).searchParams.get('dias')).toBe('7');
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
  await expect.poll(() => page.getByRole('searchbox', { name: 'Procurar' }).inputValue()).toBe('a.csv');
});

test('a failed job is tried again from the list, after a question', async () => {
  const url = await client.upload('clientes', 'codigo;nome\nx;Ana\n', 'parada.csv');
  const { json } = await client.enqueue('clientes', { url, onError: 'abort' });
  await client.untilEnd('clientes', json.id);
  await page.goto(`${stack.url}/cargas?status=error&q=parada`);
  await page.getByRole('checkbox', { name: 'Marcar parada.csv' }).check();
  await page.getByRole('button', { name: 'Tentar 1 de novo' }).click();
  const dialog = page.getByRole('dialog', { name: 'Tentar 1 carga de novo?' });
  await dialog.getByText('nada dessas cargas foi gravado até aqui').waitFor();
  await dialog.getByRole('button', { name: 'Tentar 1 de novo' }).click();
  await page.getByRole('status').getByText('1 carga voltou para a fila.').waitFor();
  await client.untilEnd('clientes', json.id);
  // Its own page says beside the button what another try does to the data.
  await page.goto(`${stack.url}/cargas/clientes/${json.id}`);
  await page.getByText('Lê o mesmo arquivo desde o início; nada foi gravado até aqui.').waitFor();
  await page.getByRole('button', { name: 'Tentar de novo' }).click();
  await page.getByRole('status').getByText('A carga voltou para a fila.').waitFor();
  await page.getByText('3 tentativas: retomado após falha.').waitFor();
});

test('a form keeps what was typed when the session ends', async () => {
  await page.goto(`${stack.url}/chaves`);
  await page.getByRole('button', { name: 'Criar chave' }).click();
  await page.getByLabel('Nome', { exact: true }).fill('Robô da noite');
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Criar', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'A sessão terminou' });
  await dialog.waitFor();
  await page.context().addCookies(cookies);
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(() => page.getByLabel('Nome', { exact: true }).inputValue()).toBe('Robô da noite');
  await page.getByRole('button', { name: 'Criar', exact: true }).click();
  await page.getByRole('button', { name: 'Revogar: Robô da noite' }).waitFor();
});

test('who was given other figuras sees none of these jobs, in the page as it comes neither', async () => {
  const email = 'caio@exemplo.com.br';
  const password = 'uma senha comprida';
  await client.call('POST', '/api/users', { email, password, name: 'Caio', role: 'operator', figuras: ['outra'] });
  const other = await openPage(browser, stack);
  await other.page.goto(`${stack.url}/login?callbackUrl=/cargas`);
  await other.page.getByLabel('E-mail').fill(email);
  await other.page.getByLabel('Senha').fill(password);
  await other.page.getByRole('button', { name: 'Entrar' }).click();
  await other.page.getByText('Ainda não há cargas').waitFor();
  for (const path of ['/cargas', '/figuras', '/visao-geral', '/figuras/clientes']) {
    const answer = await other.page.goto(stack.url + path);
    // The figura's own page has its name in its address and nothing else of it.
    expect((await answer?.text())?.replaceAll('/figuras/clientes', ''), path).not.toMatch(/\.csv|loja/);
  }
  troubles.push(...other.troubles);
});

test('nothing of all this troubled the console', () => {
  expect(troubles).toEqual([]);
});
