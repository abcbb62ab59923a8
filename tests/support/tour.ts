import type { Page } from 'playwright-core';
import type { StackClient } from './stack-client.ts';

/** A page of the product in one of its states, for whoever looks at all of them. */
export interface TourStop {
  name: string;
  path: string;
  isSignedOut?: boolean;
  /** Brings the page into the state, in whatever language it is. */
  arrange?: (page: Page) => Promise<void>;
}

const GOOD = 'codigo;nome;cidade;saldo;desde\n1;Ana;Cuiabá;10,50;22/11/2026\n2;Zé;Manaus;7;01/02/2024\n';
const BAD = `${GOOD}3;;Belém;1,00;03/02/2024\nx;Rui;Natal;muito;04/02/2024\n2;Zé;Manaus;8;01/02/2024\n`;
const QUESTIONS = 'Código;NOME;Município;Saldo;Observação\n00012;Ana <b>Souza</b>;Cuiabá;10,50;novo\n00013;Zé;;7;\n';

/** Fills a stack with what there is to see and gives every stop of the tour. */
export async function prepareTour(client: StackClient): Promise<TourStop[]> {
  await client.db.query(`create schema loja;
    create table loja.clientes (codigo integer primary key, nome text not null, cidade text default 'Brasília',
      saldo numeric(12,2), desde date);
    comment on column loja.clientes.nome is 'Como está no documento';`);
  await client.call('POST', '/api/figuras', { name: 'clientes', title: 'Clientes', table: 'loja.clientes' });
  const load = async (name: string, text: string, options: object = {}) => {
    const url = await client.upload('clientes', text, name);
    const { json } = await client.enqueue('clientes', { url, ...options });
    await client.untilEnd('clientes', json.id);
    return `/cargas/clientes/${json.id}`;
  };
  const csv = { decimal: ',', dateFormat: 'dd/mm/yyyy' } as const;
  const done = await load('clientes de novembro.csv', GOOD, { csv });
  const partial = await load('clientes com faltas e um nome de arquivo bem comprido para a lista.csv', BAD, { csv });
  const failed = await load('clientes recusados.csv', BAD, { csv, onError: 'abort' });
  const dry = await load('clientes a conferir.csv', BAD.replace('10,50', '11,50'), { csv, dryRun: true });
  await client.call('POST', '/api/keys', { name: 'Robô do estoque', role: 'operator', figuras: ['clientes'] });
  // Nobody listens on this port of a public address that is never asked: switched off, it is only shown.
  const receiver = { url: 'https://8.8.8.8:9/carga', description: 'ERP da matriz', enabled: false };
  const webhook = await client.call('POST', '/api/webhooks', receiver);
  const { json: invited } = await client.call('POST', '/api/users', {
    email: 'bia@exemplo.com.br',
    name: 'Bia',
    role: 'viewer',
  });
  const { json: made } = await client.call('POST', `/api/users/${invited.id}/link`);
  const link = new URL(made.url).pathname + new URL(made.url).hash;
  return [
    { name: 'entrar', path: '/login', isSignedOut: true },
    { name: 'entrar-recusado', path: '/login?error=AccessDenied', isSignedOut: true },
    { name: 'link-de-acesso', path: link, isSignedOut: true },
    { name: 'link-que-nao-vale', path: '/acesso#nada', isSignedOut: true },
    { name: 'perfil', path: '/perfil' },
    { name: 'visao-geral', path: '/visao-geral' },
    { name: 'importar', path: '/importar' },
    { name: 'importar-colunas', path: '/importar?figura=clientes', arrange: askAboutColumns },
    { name: 'importar-erros', path: '/importar?figura=clientes', arrange: showFaults },
    { name: 'importar-simulacao', path: '/importar?figura=clientes', arrange: simulate },
    { name: 'importar-opcoes', path: '/importar?figura=clientes', arrange: (page) => openAll(page) },
    { name: 'cargas', path: '/cargas' },
    { name: 'cargas-sem-resultado', path: '/cargas?q=nada' },
    { name: 'carga-concluida', path: done },
    { name: 'carga-parcial', path: partial },
    { name: 'carga-corrigir', path: partial, arrange: startMending },
    { name: 'cargas-marcadas', path: '/cargas', arrange: (page) => page.locator('tbody input').first().check() },
    { name: 'carga-com-erro', path: failed },
    { name: 'carga-simulada', path: dry },
    { name: 'carga-que-nao-existe', path: '/cargas/clientes/00000000-0000-4000-8000-000000000000' },
    { name: 'figuras', path: '/figuras' },
    { name: 'figuras-cadastro', path: '/figuras', arrange: (page) => page.locator('main button').first().click() },
    { name: 'figura', path: '/figuras/clientes' },
    { name: 'figura-regras', path: '/figuras/clientes', arrange: openSettings },
    { name: 'figura-documentacao', path: '/figuras/clientes/documentacao' },
    { name: 'chaves', path: '/chaves' },
    { name: 'chaves-criar', path: '/chaves', arrange: createKey },
    { name: 'pessoas', path: '/pessoas' },
    { name: 'pessoas-acrescentar', path: '/pessoas', arrange: (page) => page.locator('main button').first().click() },
    { name: 'webhooks', path: '/webhooks' },
    { name: 'webhooks-criar', path: '/webhooks', arrange: (page) => page.locator('main button').first().click() },
    { name: 'webhook', path: `/webhooks/${webhook.json.id}` },
    { name: 'auditoria', path: '/auditoria' },
    { name: 'endereco-errado', path: '/nao/existe' },
  ];
}

/** Opens a stop and waits until it stands still. */
export async function visit(page: Page, url: string, stop: TourStop): Promise<void> {
  await page.goto(url + stop.path);
  await settle(page);
  if (!stop.arrange) return;
  await stop.arrange(page);
  await settle(page);
  // What was clicked scrolled the page: its head would lie over something.
  await page.evaluate(() => window.scrollTo(0, 0));
}

async function settle(page: Page): Promise<void> {
  await page.locator('h1, main p').first().waitFor();
  // What is still being asked for has a skeleton. Waiting for half a second without a request would take longer.
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

async function askAboutColumns(page: Page): Promise<void> {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'lista de clientes.csv', mimeType: 'text/csv', buffer: Buffer.from(QUESTIONS) });
  await page.locator('main table select').first().waitFor();
  await openAll(page);
}

async function showFaults(page: Page): Promise<void> {
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'clientes com faltas.csv', mimeType: 'text/csv', buffer: Buffer.from(BAD) });
  await page.locator('main li table').first().waitFor();
  await openAll(page);
  await page.locator('main li label input[type=checkbox]').last().check();
}

async function simulate(page: Page): Promise<void> {
  const file = {
    name: 'clientes a simular.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(BAD.replace('10,50', '12,50')),
  };
  await page.locator('input[type=file]').setInputFiles(file);
  const start = page.locator('main button[aria-describedby=simulate-hint]:enabled');
  await start.click();
  await page.locator('main li section > dl').waitFor();
  await page.locator('main li section section table').waitFor();
}

async function startMending(page: Page): Promise<void> {
  // The last: the ones before choose between rejected and skipped rows.
  await page.locator('main button[aria-pressed]').last().click();
  await page.locator('main tbody input').first().waitFor();
}

async function createKey(page: Page): Promise<void> {
  await page.locator('main button').first().click();
  await page.locator('input[name=name]').fill('Robô');
  await page.locator('main button[type=submit]').click();
  await page.locator('main pre').first().waitFor();
}

async function openSettings(page: Page): Promise<void> {
  await page.locator('main section').last().locator('button').first().click();
  await page.locator('main textarea').waitFor();
}

async function openAll(page: Page): Promise<void> {
  await page.locator('main details').evaluateAll((all) => {
    for (const details of all) details.setAttribute('open', '');
  });
}
