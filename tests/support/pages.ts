import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Stack } from './stack.ts';

/** A page of a browser whose troubles are kept: what a test did not cause on purpose must not be there at its end. */
export interface WatchedPage {
  page: Page;
  /** Errors of scripts and of the console, breaches of the Content Security Policy, requests to other hosts. */
  troubles: string[];
}

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
  // Whatever takes longer than this will not come: a red test should not take minutes.
  page.setDefaultTimeout(15_000);
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

/** Signs the administrator in and waits for the page that follows. */
export async function signIn(page: Page, stack: Stack, path = '/importar'): Promise<void> {
  await page.goto(`${stack.url}/login?callbackUrl=${encodeURIComponent(path)}`);
  await page.locator('input[name=email]').fill(stack.administrator.email);
  await page.locator('input[name=password]').fill(stack.administrator.password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${stack.url}${path}`);
}
