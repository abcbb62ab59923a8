import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Stack } from './stack.ts';

/** A page of a browser whose troubles are kept: what a test did not cause on purpose must not be there at its end. */
export interface WatchedPage {
  page: Page;
  /** Errors of scripts and of the console, breaches of the Content Security Policy, requests to other hosts. */
  troubles: string[];
}

/** A page that waits for a job, a reader or a server waits for all that keeps this machine busy meanwhile. */
const PATIENCE_MS = 60_000;

/** Opens a page in a context of its own, as a person in São Paulo has it unless told. */
export async function openPage(
  browser: Browser,
  stack: Stack,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: 'pt-BR',
    timezoneId: 'America/Sao_Paulo',
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  waitForScripts(page, stack);
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    const isBreach = /Content Security Policy/i.test(message.text());
    // Answers the application expects and shows (a wrong password) stand in the console as well.
    if (isBreach || (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))) {
      troubles.push(message.text());
    }
  });
  const own = new Set([new URL(stack.url).host, new URL(stack.s3.endpoint).host]);
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^https?:/.test(protocol) && !own.has(host)) troubles.push(`foreign request: ${request.url()}`);
  });
  return { page, troubles };
}

/**
 * Waits until React has taken over all that can be used on the page as it came: a click before that goes nowhere, as it
 * would for a person who is faster than the page.
 */
export async function untilUsable(page: Page): Promise<void> {
  const isUsable = () =>
    [...document.querySelectorAll('button, input, select, textarea')].every((element) =>
      Object.keys(element).some((name) => name.startsWith('__reactProps$')),
    );
  const deadline = Date.now() + PATIENCE_MS;
  // A page that goes on to another one has nothing to be asked; the other one has.
  while (!(await page.evaluate(isUsable).catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${page.url()} cannot be used`);
    await sleep(20);
  }
}

/** Whoever opens a page of the stack uses it once it can be used. */
function waitForScripts(page: Page, { url }: Stack): void {
  const after = <T extends unknown[], R>(open: (...args: T) => Promise<R>): ((...args: T) => Promise<R>) => {
    return async (...args) => {
      const result = await open(...args);
      if (page.url().startsWith(`${url}/`) && !page.url().startsWith(`${url}/docs`)) await untilUsable(page);
      return result;
    };
  };
  page.goto = after(page.goto.bind(page));
  page.reload = after(page.reload.bind(page));
  page.waitForURL = after(page.waitForURL.bind(page));
}

/** Signs the administrator in and waits for the page that follows. */
export async function signIn(page: Page, stack: Stack, path = '/importar'): Promise<void> {
  await page.goto(`${stack.url}/login?callbackUrl=${encodeURIComponent(path)}`);
  await page.locator('input[name=email]').fill(stack.administrator.email);
  await page.locator('input[name=password]').fill(stack.administrator.password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${stack.url}${path}`);
}
