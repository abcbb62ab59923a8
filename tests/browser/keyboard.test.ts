import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, untilUsable } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';

const FILE = JSON.stringify([{ id: '00000000-0000-4000-8000-000000000001', pessoa: 'F', nome: 'Ana' }]);

let stack: Stack;
let browser: Browser;
let page: Page;
let troubles: string[];

beforeAll(async () => {
  stack = await startStack();
  browser = await launchChromium();
  ({ page, troubles } = await openPage(browser, stack, { locale: 'en-GB' }));
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** What has the focus, by the name that a screen reader says. */
async function focused(): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return '';
    const label =
      element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels?.[0] : null;
    return (element.getAttribute('aria-label') ?? label?.textContent ?? element.textContent ?? '').trim();
  });
}

/** Tabs until the focus is on something of this name; each stop on the way must show that it has the focus. */
async function tabTo(name: RegExp): Promise<void> {
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press('Tab');
    const isShown = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return true;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
    });
    expect(isShown, `focus on ${await focused()} is not visible`).toBe(true);
    if (name.test(await focused())) return;
  }
  throw new Error(`no ${name} can be reached by Tab`);
}

/** What the flow says in each language. */
const WORDS = {
  en: {
    password: /^Password/,
    heading: 'Import',
    skip: 'Skip to the content',
    choose: /^Choose files/,
    review: /^3 columns recognised by name — review/,
    target: 'Target of column nome',
    options: /^Options/,
    simulate: /^Simulate$/,
    simulated: 'Simulation complete: every row can be imported.',
    import: 'Import 1 row',
    complete: 'Complete',
  },
  'pt-BR': {
    password: /^Senha/,
    heading: 'Importar',
    skip: 'Ir para o conteúdo',
    choose: /^Escolher arquivos/,
    review: /^3 colunas reconhecidas pelo nome — rever/,
    target: 'Destino da coluna nome',
    options: /^Opções/,
    simulate: /^Simular$/,
    simulated: 'Simulação concluída: todas as linhas podem ser importadas.',
    import: 'Importar 1 linha',
    complete: 'Concluída',
  },
} as const;

/** From the login page to a job that is complete, by keys alone. */
async function importByKeyboard(language: keyof typeof WORDS): Promise<void> {
  const words = WORDS[language];
  await page.goto(`${stack.url}/importar`);
  await page.waitForURL(/\/login/);
  await expect.poll(() => page.locator('html').getAttribute('lang')).toBe(language);
  await tabTo(/^E-mail/);
  await page.keyboard.type(stack.administrator.email);
  await tabTo(words.password);
  await page.keyboard.type(stack.administrator.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: words.heading }).waitFor();
  await page.getByLabel('Figura').waitFor();
  await untilUsable(page);

  // The skip link is the first stop and leads past the navigation.
  await page.keyboard.press('Tab');
  await expect.poll(() => focused()).toBe(words.skip);
  await page.keyboard.press('Enter');
  await tabTo(/^Figura/);
  await page.keyboard.type('fornecedores');
  await expect.poll(() => page.getByLabel('Figura').inputValue()).toBe('fornecedores');
  // Asked for early: the browser is told to hand the dialog over, which takes a moment.
  const chooser = page.waitForEvent('filechooser');
  await tabTo(words.choose);
  await page.keyboard.press('Enter');
  await (await chooser).setFiles({ name: 'suppliers.json', mimeType: 'application/json', buffer: Buffer.from(FILE) });
  await page.getByText(words.review).waitFor();
  await tabTo(words.review);
  await page.keyboard.press('Enter');
  await page.getByLabel(words.target).waitFor();
  await tabTo(words.options);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: words.import }).waitFor();
  await tabTo(words.simulate);
  await page.keyboard.press('Enter');
  await page.getByRole('region').getByText(words.simulated).first().waitFor();
  // Who simulated is still there, one stop behind the import.
  await expect.poll(() => focused()).toMatch(words.simulate);
  await page.keyboard.press('Shift+Tab');
  await expect.poll(() => focused()).toBe(words.import);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/cargas\/fornecedores\//);
  await page.getByText(words.complete, { exact: true }).waitFor();
  await expect.poll(() => page.title()).toBe(`${words.complete} · suppliers.json · Carga`);
}

test('a person signs in, simulates and imports a file and sees it done without the mouse, in English', async () => {
  await importByKeyboard('en');
  // What a screen reader was told at the end.
  await page.getByRole('status').filter({ hasText: 'suppliers.json: Complete' }).waitFor({ state: 'attached' });

  await tabTo(/^Load again/);
  await page.keyboard.press('Enter');
  await page.getByText('Complete', { exact: true }).waitFor();
  expect(troubles).toEqual([]);
});

test('the same in Portuguese', async () => {
  const english = page;
  const portuguese = await openPage(browser, stack);
  page = portuguese.page;
  await importByKeyboard('pt-BR');
  expect(portuguese.troubles).toEqual([]);
  await page.context().close();
  page = english;
});

test('a dialog keeps the focus while it is open and gives it back', async () => {
  await page.goto(`${stack.url}/chaves`);
  await tabTo(/^Create key$/);
  await page.keyboard.press('Enter');
  // A form that opens takes the focus.
  await expect.poll(focused).toMatch(/^Name/);
  await page.keyboard.type('By keyboard');
  await tabTo(/^Create$/);
  await page.keyboard.press('Enter');
  await page.getByText('Copy the secret now: it is not shown again.').waitFor();
  await tabTo(/^Revoke: By keyboard$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Revoke the key “By keyboard”?' }).waitFor();
  for (let steps = 0; steps < 5; steps++) {
    await page.keyboard.press('Tab');
    // Between its last and its first stop the focus may be on the browser itself, never on the page behind.
    const isKept = () => document.activeElement === document.body || document.activeElement?.closest('dialog') != null;
    await expect.poll(() => page.evaluate(isKept)).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect.poll(() => focused()).toBe('Revoke: By keyboard');
});

test('the command menu goes where one types', async () => {
  await page.goto(`${stack.url}/cargas`);
  await page.getByRole('heading', { name: 'Loads' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: /^Go to/ }).waitFor();
  await expect.poll(focused).toMatch(/^Page or figura/);
  await page.keyboard.type('import fornec');
  await page.getByRole('button', { name: /^Import to/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${stack.url}/importar?figura=fornecedores`);
  expect(troubles).toEqual([]);
});
