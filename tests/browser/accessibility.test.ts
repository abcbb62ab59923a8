import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { openPage, signIn } from '#tests/support/pages.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';
import { prepareTour, type TourStop, visit } from '#tests/support/tour.ts';

/**
 * Each page is brought into its state once and then looked at in all of these. A page at 200 % zoom on a screen of
 * 1280 × 800 has half of its pixels.
 */
const WAYS = [
  ['light, 1280 px', { colorScheme: 'light' }, { width: 1280, height: 800 }],
  ['dark, 200 % zoom', { colorScheme: 'dark' }, { width: 640, height: 400 }],
  ['light, 320 px', { colorScheme: 'light' }, { width: 320, height: 640 }],
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
  await page.evaluate(`if (!('axe' in window)) { ${axe.source} }; undefined`);
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

/** In the page: resolves when nothing fades from one theme's colour to the other's any more. */
async function coloursSettled(): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const ending = document
    .getAnimations()
    .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
  await Promise.allSettled(ending.map(({ finished }) => finished));
}

test('axe finds nothing serious on any page in any size and theme, and nothing is wider than the screen', async () => {
  const [, theme, viewport] = WAYS[0];
  const { page, troubles } = await openPage(browser, stack, { ...theme, viewport });
  const signedOut = await openPage(browser, stack, { ...theme, viewport });
  await signIn(page, stack);
  const found: Record<string, unknown> = {};
  for (const stop of stops) {
    const here = stop.isSignedOut ? signedOut.page : page;
    await visit(here, stack.url, stop);
    for (const [way, media, size] of WAYS) {
      await here.emulateMedia(media);
      await here.setViewportSize(size);
      await here.evaluate(coloursSettled);
      const serious = await findings(here);
      if (serious.length > 0) found[`${stop.name}, ${way}`] = serious;
      const overhang = await here.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overhang > 0) found[`${stop.name}, ${way}: too wide`] = overhang;
    }
    await here.emulateMedia(theme);
    await here.setViewportSize(viewport);
  }
  expect(found).toEqual({});
  expect([...troubles, ...signedOut.troubles]).toEqual([]);
  // Some forty stops, each looked at three times by axe: a minute, and many of them on a busy machine.
}, 1_200_000);

test('the dark theme has the contrast of the light one on a wide screen, as chosen and not as the system', async () => {
  const { page } = await openPage(browser, stack, { colorScheme: 'light' });
  await signIn(page, stack);
  await page.getByRole('button', { name: /Menu de/ }).click();
  await page.getByLabel('Escura').check();
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
  await page.reload();
  // Known to the server: the very first bytes are dark.
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.getByRole('button', { name: /Menu de/ }).click();
  expect(await findings(page)).toEqual([]);
});
