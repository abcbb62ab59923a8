// What a page brings along when it is opened: its answers, in the person's zone and language, without moving afterwards.
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';
import { prepareTour } from '#tests/support/tour.ts';

/** A job is followed by events, also one that has ended: a retry begins it anew. */
const ASKED_LATER = /\/events$/;
/** Lighthouse calls 0.1 good; a page that comes whole has nothing to move. */
const MAX_LAYOUT_SHIFT = 0.02;

let stack: Stack;
let client: StackClient;
let browser: Browser;
let paths: string[];

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  const stops = await prepareTour(client);
  // The one that is not there is asked for again by the browser, which then says so.
  const whole = stops.filter(({ isSignedOut, name }) => !isSignedOut && name !== 'carga-que-nao-existe');
  paths = [...new Set(whole.map(({ path }) => path))];
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await stack?.stop();
});

/** Opens a page and waits until it stands still: its HTML as it came, what it asked for then, and how far it moved. */
async function load(page: Page, path: string) {
  const asked: string[] = [];
  const note = (request: Request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/') && !ASKED_LATER.test(pathname)) asked.push(pathname);
  };
  page.on('request', note);
  const response = await page.goto(stack.url + path);
  await page.locator('h1, main p').first().waitFor();
  await page.waitForLoadState('networkidle');
  page.off('request', note);
  const layoutShift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as unknown as { value: number }[]) sum += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => setTimeout(() => resolve(sum), 50));
      }),
  );
  return { html: (await response?.text()) ?? '', asked, layoutShift };
}

test.each([
  ['pt-BR', 'America/Sao_Paulo', 'GMT-3', 1280],
  ['en-GB', 'Asia/Tokyo', 'GMT+9', 390],
])(
  'every page comes with its answers and does not move: %s, %s',
  async (locale, timezoneId, offset, width) => {
    const { page, troubles } = await openPage(browser, stack, { locale, timezoneId, viewport: { width, height: 800 } });
    await signIn(page, stack);
    const found: Record<string, unknown> = {};
    for (const path of paths) {
      const { html, asked, layoutShift } = await load(page, path);
      if (html.includes('aria-busy="true"')) found[`${path}: came with a skeleton`] = true;
      if (path === '/cargas' && !html.includes(`(${offset})`)) found[`${path}: times of another zone`] = true;
      if (asked.length > 0) found[`${path}: asked again`] = asked;
      if (layoutShift > MAX_LAYOUT_SHIFT) found[`${path}: moved`] = layoutShift;
    }
    expect(found).toEqual({});
    // A page drawn otherwise in the browser than on the server says so in the console.
    expect(troubles).toEqual([]);
  },
  300_000,
);
