import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';
import { prepareTour, type TourStop, visit } from '#tests/support/tour.ts';

/** A page at 200 % zoom on a screen of 1280 × 800 has half of its pixels, each twice as wide. */
const WAYS = [
  ['light, 1280 px', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['dark, 200 % zoom', { colorScheme: 'dark', viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ['light, 320 px', { colorScheme: 'light', viewport: { width: 320, height: 640 } }],
] as const;

let stack: Stack;
let client: StackClient;
let browser: Browser;
let stops: TourStop[];

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  stops = await prepareTour(client);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await stack?.stop();
});

/** What axe calls serious or critical, as `rule: element`. */
async function findings(page: Page): Promise<string[]> {
  // Through the debugger, which the page's policy does not concern: a script element would be refused by it.
  await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate(async () => {
    type Finding = { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] };
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: Finding[] }> } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run({ runOnly: tags, resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`));
  });
}

describe.each(WAYS)('%s', (_name, options) => {
  test('axe finds nothing serious on any page, and nothing is wider than the screen', async () => {
    const { page, troubles } = await openPage(browser, stack, options);
    const signedOut = await openPage(browser, stack, options);
    await signIn(page, stack);
    const found: Record<string, unknown> = {};
    for (const stop of stops) {
      const here = stop.isSignedOut ? signedOut.page : page;
      await visit(here, stack.url, stop);
      const serious = await findings(here);
      if (serious.length > 0) found[stop.name] = serious;
      const overhang = await here.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overhang > 0) found[`${stop.name} is too wide`] = overhang;
    }
    expect(found).toEqual({});
    expect([...troubles, ...signedOut.troubles]).toEqual([]);
    await page.context().close();
    await signedOut.page.context().close();
    // Some thirty stops, each looked at by axe: on a busy machine that is more than the two minutes of other tests.
  }, 300_000);
});

test('the dark theme has the contrast of the light one on a wide screen, as chosen and not as the system', async () => {
  const { page } = await openPage(browser, stack, { colorScheme: 'light' });
  await signIn(page, stack);
  await page.getByRole('button', { name: /Menu de/ }).click();
  await page.getByLabel('Escura').check();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
  await page.reload();
  // Known to the server: the very first bytes are dark.
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.getByRole('button', { name: /Menu de/ }).click();
  expect(await findings(page)).toEqual([]);
});
