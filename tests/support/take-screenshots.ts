// `npm run screenshots`: every page, in both languages, both themes, on a wide and on a narrow screen, to be looked at.
import fs from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '#embedded/child.ts';
import { launchChromium } from './chromium.ts';
import { openPage, signIn } from './pages.ts';
import { startStack } from './stack.ts';
import { openStackClient } from './stack-client.ts';
import { prepareTour, visit } from './tour.ts';

const FOLDER = path.join(PROJECT_ROOT, '.screenshots');
const SCREENS = [
  ['wide', { width: 1280, height: 800 }],
  ['narrow', { width: 360, height: 780 }],
] as const;

const only = process.argv[2];
const stack = await startStack();
const browser = await launchChromium();
const client = await openStackClient(stack);
try {
  const stops = (await prepareTour(client)).filter(({ name }) => only === undefined || name.includes(only));
  fs.mkdirSync(FOLDER, { recursive: true });
  let count = 0;
  for (const locale of ['pt-BR', 'en']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, stack, { locale, colorScheme });
      const signedOut = await openPage(browser, stack, { locale, colorScheme });
      await signIn(page, stack);
      for (const stop of stops) {
        const here = stop.isSignedOut ? signedOut.page : page;
        for (const [screen, viewport] of SCREENS) {
          await here.setViewportSize(viewport);
          await visit(here, stack.url, stop);
          // The head of the page stays in sight: where one is, it would stand in the middle of the picture.
          await here.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
          const file = `${stop.name}-${locale}-${colorScheme}-${screen}.png`;
          await here.screenshot({ path: path.join(FOLDER, file), fullPage: true });
          count += 1;
        }
      }
      await page.context().close();
      await signedOut.page.context().close();
    }
  }
  console.log(`${count} screenshots in ${FOLDER}`);
} finally {
  await client.close();
  await browser.close();
  await stack.stop();
}
