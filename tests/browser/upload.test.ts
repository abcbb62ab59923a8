import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, CDPSession, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';

/** So slow that there is time to interrupt it, so fast that nobody waits long. */
const UPLOAD_BYTES_PER_SECOND = 16e6;
/** Where the moment counts: several seconds of the file are left. */
const SLOW = 4e6;
const MIB = 1024 * 1024;
/** Of tests that convert 50 MB, which takes seconds, and minutes where ten others do the same. */
const PATIENCE_MS = 300_000;

let stack: Stack;
let client: StackClient;
let browser: Browser;
let page: Page;
let network: CDPSession;
let troubles: string[];
const folder = mkdtempSync(path.join(os.tmpdir(), 'carga-upload-'));
/** How often each part was begun to be sent since the last test. */
let sent = new Map<string, number>();
let isOffline = false;
/** Questions of the browser since the last test. */
let questions: string[] = [];

/** Rows of the file whose parts are sent while it is read. */
const MANY_ROWS = 412_000;

/** Text that hardly compresses, a Parquet of three parts, and then short rows, which take time but no room. */
async function writeManyRows(file: string, longRows: number, shortRows: number): Promise<void> {
  const handle = await open(file, 'w');
  await handle.write('cpf;nome;saldo;desde\n');
  for (let from = 0; from < longRows + shortRows; from += 1000) {
    const lines = Array.from({ length: 1000 }, (_, index) => {
      const name = from < longRows ? randomBytes(3000).toString('base64') : 'Ana';
      return `${80_000_000_000 + from + index};${name};1,50;22/11/2026\n`;
    });
    await handle.write(lines.join(''));
  }
  await handle.close();
}

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query(`create schema loja;
    create table loja.clientes (cpf char(11) primary key, nome text not null, saldo numeric(8,2), desde date)`);
  await client.call('POST', '/api/figuras', { name: 'clientes', title: 'Clientes', table: 'loja.clientes' });
  await client.call('POST', '/api/figuras', { name: 'pequenos', table: 'loja.clientes', maxFileBytes: 200 });
  await writeManyRows(path.join(folder, 'muitos.csv'), 12_000, MANY_ROWS - 12_000);
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack));
  // Asked for by a reload while something is on its way.
  page.on('dialog', (dialog) => {
    questions.push(dialog.type());
    void dialog.accept();
  });
  page.on('request', (request: Request) => {
    const part = new URL(request.url()).searchParams.get('partNumber');
    if (part !== null && request.method() === 'PUT' && !isOffline) sent.set(part, (sent.get(part) ?? 0) + 1);
  });
  network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await signIn(page, stack);
});

afterEach(async () => {
  sent = new Map();
  questions = [];
  await throttle(false, -1);
  // A cut line stands in the console.
  expect(troubles.splice(0).filter((text) => !/ERR_INTERNET_DISCONNECTED/.test(text))).toEqual([]);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await browser?.close();
  await client?.close();
  await stack?.stop();
});

async function throttle(offline: boolean, uploadThroughput = UPLOAD_BYTES_PER_SECOND): Promise<void> {
  isOffline = offline;
  const conditions = { offline, latency: 0, downloadThroughput: -1, uploadThroughput };
  await network.send('Network.emulateNetworkConditions', conditions);
}

const percent = async () => {
  const bar = page.getByRole('progressbar');
  return (await bar.count()) === 0 ? 0 : Number(await bar.first().getAttribute('aria-valuenow'));
};
const untilPercent = (least: number) =>
  expect.poll(percent, { interval: 50, timeout: 60_000 }).toBeGreaterThanOrEqual(least);
const sentAgain = () => [...sent.values()].reduce((sum, times) => sum + times - 1, 0);
const keptFiles = () =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const kept = (await root.getDirectoryHandle('carga', { create: true })) as FileSystemDirectoryHandle & {
      keys(): AsyncIterable<string>;
    };
    const names: string[] = [];
    for await (const name of kept.keys()) names.push(name);
    return names;
  });

async function openImport(): Promise<void> {
  await page.goto(`${stack.url}/importar?figura=clientes`);
  await page.getByLabel('Figura').waitFor();
}

async function choose(name: string, text: string): Promise<void> {
  await openImport();
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name, mimeType: '', buffer: Buffer.from(text) });
  await page.getByText('Pronto para importar', { exact: true }).waitFor();
}

test('faults of the whole file are shown by cause before anything is sent, and again when columns go elsewhere', async () => {
  const rows = Array.from(
    { length: 6000 },
    (_, index) => `${String(index).padStart(11, '0')};Pessoa ${index};1,50;22/11/2026`,
  );
  rows[4999] = '00000004999;;muito;22/11/2026';
  rows[5000] = '00000005000;Eva;tanto;31/02/2026';
  rows[5001] = '00000000007;Repetida;1,00;';
  await choose('erros.csv', `cpf;nome;saldo;desde\n${rows.join('\n')}\n`);
  await page.getByText('2 linhas têm erros. As outras 5.997 podem ser importadas.').waitFor();
  const faults = page.getByRole('table', { name: 'Erros do arquivo por causa' });
  const lines = async () => {
    const rows = await faults.locator('tbody tr').allInnerTexts();
    return rows.map((row) => row.split('\t').map((cell) => cell.replaceAll('\n', '')));
  };
  await expect
    .poll(() => lines())
    .toEqual([
      ['não é um número (numeric(8,2))', 'saldo', '2', 'linha 5.000muito'],
      ['vazia, e precisa de um valor', 'nome', '1', 'linha 5.000'],
      ['não é uma data (date)', 'desde', '1', 'linha 5.00131/02/2026'],
      ['repete a chave de uma linha anterior, que é pulada', 'cpf', '1', 'linha 5.00200000000007'],
    ]);
  await page.getByText('Ver as primeiras 100 linhas').click();
  await page.getByLabel('Só as linhas com erro ou repetidas').check();
  const preview = page.getByRole('table', { name: 'Primeiras linhas do arquivo' });
  await expect.poll(() => preview.getByRole('row').count()).toBe(4);
  await expect.poll(() => preview.getByRole('row').nth(1).getByRole('cell').first().textContent()).toBe('5.000');
  // Sent elsewhere, the texts are fine there; the other column becomes the one that is wrong.
  await page.getByText('4 colunas reconhecidas pelo nome — rever').click();
  await page.getByLabel('Destino da coluna nome', { exact: true }).selectOption('saldo');
  await page
    .getByText(/têm erros/)
    .filter({ hasText: /^(5|6)\.\d{3} linhas/ })
    .waitFor();
  expect((await lines())[0]?.slice(0, 2)).toEqual(['não é um número (numeric(8,2))', 'nome → saldo']);
  expect(sent.size).toBe(0);
});

test('formats and limit are said first; what cannot be loaded is refused at once, with the reason', async () => {
  await page.goto(`${stack.url}/importar?figura=pequenos`);
  await page.getByText('Planilhas XLSX, CSV, JSON, NDJSON, Parquet ou Avro. Até 200 B por arquivo.').waitFor();
  const file = (name: string, text: string) => ({ name, mimeType: '', buffer: Buffer.from(text, 'latin1') });
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles([
      file('vazio.csv', ''),
      file('grande.csv', `cpf;nome\n${'1;a\n'.repeat(100)}`),
      file('foto.png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'),
      file('antiga.xls', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
      file('senha.xlsx', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
      file('bom.csv', 'cpf;nome\n00000000001;Ana\n'),
    ]);
  await page.getByText('Pronto para importar', { exact: true }).waitFor();
  const reasons = await page
    .getByRole('list', { name: 'Arquivos' })
    .getByRole('listitem')
    .evaluateAll((all) => all.map((item) => item.querySelector('p.text-bad')?.textContent ?? null));
  expect(reasons).toEqual([
    expect.stringContaining('vazio'),
    expect.stringContaining('200 B'),
    expect.stringContaining('formato'),
    expect.stringContaining('XLSX'),
    expect.stringContaining('senha'),
    null,
  ]);
  await page.getByRole('button', { name: 'Importar 1 linha' }).waitFor();
  expect(sent.size).toBe(0);
});

test('a line cut at 10, 50 and 90 % is waited out: at each cut no more than one part is sent again', async () => {
  // Goes as it is, in five parts; that it is no Parquet is the worker's to find out.
  const file = path.join(folder, 'grande.parquet');
  const bytes = randomBytes(70 * MIB);
  bytes.write('PAR1');
  const handle = await open(file, 'w');
  await handle.writeFile(bytes);
  await handle.close();
  await openImport();
  await page.locator('input[type=file]').first().setInputFiles(file);
  await page.getByText('Pronto para importar', { exact: true }).waitFor();
  // Slower still: all of it has to be there to be cancelled when somebody has read how far it is.
  await throttle(false, SLOW);
  await page.getByRole('button', { name: 'Importar 1 arquivo' }).click();
  await untilPercent(3);
  await page.getByText(/^[\d,]+ MiB de 70 MiB · \d+ % · [\d,]+ [KM]iB\/s · faltam /).waitFor();
  // Cancelled, nothing of it stays; what is tried again begins anew.
  await page.getByRole('button', { name: 'Cancelar: grande.parquet' }).click();
  await page.getByText('Cancelado', { exact: true }).waitFor();
  sent = new Map();
  await throttle(false);
  await page.getByRole('button', { name: 'Tentar de novo: grande.parquet' }).click();
  for (const [cuts, least] of [10, 50, 90].entries()) {
    // The last part must not have gone before the line is cut.
    if (least === 90) await untilPercent(75).then(() => throttle(false, SLOW));
    await untilPercent(least);
    await throttle(true);
    await page.getByText('Sem conexão. O envio continua sozinho quando ela voltar.').waitFor({ timeout: 60_000 });
    await throttle(false);
    await page.getByText('Sem conexão.').waitFor({ state: 'detached', timeout: 60_000 });
    expect(sentAgain()).toBeLessThanOrEqual(cuts + 1);
  }
  await page.waitForURL(/\/cargas\/clientes\//, { timeout: 60_000 });
  expect([...sent.keys()].sort()).toEqual(['1', '2', '3', '4', '5']);
  expect(sentAgain()).toBeLessThanOrEqual(3);
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const stored = await client.api.download(`/api/clientes/_bulk/status/${id}/file`);
  const hash = createHash('sha256')
    .update(new Uint8Array(await stored.arrayBuffer()))
    .digest('hex');
  expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'));
});

const chooseMany = () => page.locator('input[type=file]').first().setInputFiles(path.join(folder, 'muitos.csv'));
/** The upload that was begun last. */
async function newestUpload(): Promise<{ id: string; status: string } | undefined> {
  return (await client.db.query('select id, status from carga.uploads order by created_at desc limit 1')).rows[0];
}
/** Sizes of the parts that the bucket has. */
const partsOf = async ({ id }: { id: string }) =>
  (await client.api.getUpload('clientes', id)).uploaded.map(({ size }) => size);

test(
  'parts are sent while the file is still being read; a cut, a pause and a reload cost one part at most',
  async () => {
    await openImport();
    await page.getByText('Arquivos grandes vão sendo enviados enquanto são lidos; só são importados').waitFor();
    // However fast the machine is, the second part is on its way when the line is cut.
    const secondPart = Promise.withResolvers<string>();
    network.once('Fetch.requestPaused', ({ requestId }) => secondPart.resolve(requestId));
    await network.send('Fetch.enable', { patterns: [{ urlPattern: '*partNumber=2&*' }] });
    await chooseMany();
    const file = page.getByRole('listitem').filter({ has: page.getByRole('progressbar', { name: 'Lendo' }) });
    await file.getByText('16 MiB já enviados').waitFor({ timeout: 150_000 });
    const early = await newestUpload();
    expect([early?.status, early && (await partsOf(early))[0]]).toEqual(['open', 16 * MIB]);
    const requestId = await secondPart.promise;
    await throttle(true);
    await network.send('Fetch.failRequest', { requestId, errorReason: 'InternetDisconnected' });
    await network.send('Fetch.disable');
    // So slow that there is something left to interrupt.
    await throttle(false, UPLOAD_BYTES_PER_SECOND / 64);
    await page.getByRole('button', { name: 'Importar 412.000 linhas' }).waitFor({ timeout: 150_000 });
    // Nothing becomes a file, and no job, before somebody says so.
    expect((await newestUpload())?.status).toBe('open');
    await page.getByRole('button', { name: 'Importar 412.000 linhas' }).click();
    await throttle(false, UPLOAD_BYTES_PER_SECOND / 2);
    await untilPercent(50);
    await page.getByRole('button', { name: 'Pausar: muitos.csv' }).click();
    await page.getByText('Em pausa', { exact: true }).waitFor();
    const begun = [...sent.values()].reduce((sum, times) => sum + times, 0);
    await page.waitForTimeout(500);
    expect([...sent.values()].reduce((sum, times) => sum + times, 0)).toBe(begun);
    await page.getByRole('button', { name: 'Retomar: muitos.csv' }).click();
    await untilPercent(70);
    await page.reload();
    expect(questions).toEqual(['beforeunload']);
    await page.getByRole('heading', { name: 'Envios interrompidos' }).waitFor();
    await throttle(false);
    await page.getByRole('button', { name: 'Retomar: muitos.csv' }).click();
    await page.waitForURL(/\/cargas\/clientes\//, { timeout: 60_000 });
    // One at the cut, one at the pause, one at the reload.
    expect(sentAgain()).toBeLessThanOrEqual(3);
    expect((await newestUpload())?.id).toBe(early?.id);
    await page.getByText('Concluída', { exact: true }).waitFor({ timeout: 60_000 });
    const stored = await client.db.query("select count(*)::int as n from loja.clientes where cpf >= '80000000000'");
    expect(stored.rows).toEqual([{ n: MANY_ROWS }]);
    await expect.poll(() => keptFiles()).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'what was sent of a file nobody asked for is removed as it is read in another way, and as the page is reloaded',
  async () => {
    const untilSent = async (before: string | null) => {
      const uploaded = async () => {
        const upload = await newestUpload();
        return upload !== undefined && upload.id !== before && (await partsOf(upload)).length > 0;
      };
      await expect.poll(uploaded, { timeout: 150_000 }).toBe(true);
      return (await newestUpload())?.id ?? '';
    };
    const statusOf = async (id: string) =>
      (await client.db.query('select status from carga.uploads where id = $1', [id])).rows[0].status;
    const untilRemoved = (id: string) => expect.poll(() => statusOf(id)).toBe('aborted');
    await openImport();
    const before = await newestUpload();
    await chooseMany();
    const first = await untilSent(before?.id ?? null);
    // Another tab leaves alone what this one works on.
    const tab = await page.context().newPage();
    await tab.goto(`${stack.url}/importar?figura=clientes`);
    await tab.waitForLoadState('networkidle');
    expect(await statusOf(first)).toBe('open');
    await tab.close();
    await page.getByText(/^Separado por/).click();
    await page.getByLabel('Separador').selectOption(',');
    await untilRemoved(first);
    const second = await untilSent(first);
    await page.reload();
    await untilRemoved(second);
    expect(await page.getByRole('heading', { name: 'Envios interrompidos' }).count()).toBe(0);
    expect(await page.evaluate(() => localStorage.getItem('carga.uploads'))).toBeNull();
  },
  PATIENCE_MS,
);

test('an interrupted upload can be given up: what was sent and what was kept is removed', async () => {
  await choose('curto.csv', 'cpf;nome\n70000000001;A\n');
  await page.evaluate(() => {
    const kept = { id: 'x', figura: 'clientes', name: 'velho.parquet', size: 1, lastModified: 1, format: 'parquet' };
    const upload = {
      ...kept,
      isKept: false,
      uploadId: null,
      options: { mode: 'merge', onError: 'skip' },
      at: Date.now(),
    };
    localStorage.setItem('carga.uploads', JSON.stringify({ version: 1, uploads: [upload] }));
  });
  await page.reload();
  // Nothing was on its way: leaving asks nothing.
  expect(questions).toEqual([]);
  await page.getByText('velho.parquet').waitFor();
  // Another file is not taken for it.
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Retomar: velho.parquet' }).click(),
  ]);
  await chooser.setFiles({ name: 'velho.parquet', mimeType: '', buffer: Buffer.from('PAR1') });
  await page.getByText('Este não é o mesmo arquivo: nome, tamanho ou data são outros.').waitFor();
  await page.getByRole('button', { name: 'Descartar: velho.parquet' }).click();
  await page.getByRole('heading', { name: 'Envios interrompidos' }).waitFor({ state: 'detached' });
  await expect.poll(() => page.evaluate(() => localStorage.getItem('carga.uploads'))).toBeNull();
  // What was converted and never sent is cleared away when the page is opened the next time.
  await expect.poll(keptFiles).toEqual([]);
});
