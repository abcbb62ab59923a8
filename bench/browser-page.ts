import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '#tests/support/chromium.ts';

/** What one conversion took in a Chromium of its own. */
export interface Conversion {
  seconds: number;
  /** CPU of all renderer threads: on a machine that others use too, it says more than the clock. */
  cpuSeconds: number;
  /** Most memory of the renderer: its pages in RAM, shared libraries included. */
  rendererPeakBytes: number;
  /** Most memory of the browser's own process, where Blobs lie. */
  browserPeakBytes: number;
  /** Longest task of the page's thread; null when none took 50 ms, from which on browsers tell. */
  longestTaskMs: number | null;
  /** Most CPU that one task of a page's thread took: where the machine is shared, the clock counts waiting too. */
  longestTaskCpuMs: number;
  /** Longest time in which a timer of 20 ms did not fire, less those 20 ms. */
  longestPauseMs: number;
}

declare global {
  interface Window {
    benchTasks: number[];
    benchPause: number;
  }
}

/** Opens a page of a new Chromium whose thread is watched from its first script on. */
export async function openWatchedPage(): Promise<{ browser: Browser; page: Page }> {
  const browser = await launchChromium();
  const context = await browser.newContext({ locale: 'pt-BR', acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(600_000);
  await page.addInitScript(() => {
    window.benchTasks = [];
    window.benchPause = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.benchTasks.push(duration);
    }).observe({ type: 'longtask' });
    let firedAt = performance.now();
    setInterval(() => {
      const now = performance.now();
      window.benchPause = Math.max(window.benchPause, now - firedAt - 20);
      firedAt = now;
    }, 20);
  });
  return { browser, page };
}

/** Times what happens from `begin` until `end` is there. */
export async function timeConversion(
  browser: Browser,
  page: Page,
  begin: () => Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<Conversion> {
  // What opening the page took is not counted.
  await page.waitForTimeout(500);
  await page.evaluate(() => {
    window.benchTasks = [];
    window.benchPause = 0;
  });
  const session = await browser.newBrowserCDPSession();
  const processes = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo;
  const rendererCpu = async () =>
    (await processes()).reduce((sum, { type, cpuTime }) => sum + (type === 'renderer' ? cpuTime : 0), 0);
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  const cpuBefore = await rendererCpu();
  const startedAt = performance.now();
  await begin();
  await end();
  const seconds = (performance.now() - startedAt) / 1000;
  const { tasks, pause } = await page.evaluate(() => ({ tasks: window.benchTasks, pause: window.benchPause }));
  const cpuSeconds = (await rendererCpu()) - cpuBefore;
  const longestTaskCpuMs = longestMainTask(await browser.stopTracing());
  const processInfo = await processes();
  const peakOf = (type: string) =>
    Math.max(0, ...processInfo.filter((process) => process.type === type).map(({ id }) => peakBytes(id)));
  return {
    seconds,
    cpuSeconds,
    rendererPeakBytes: peakOf('renderer'),
    browserPeakBytes: peakOf('browser'),
    longestTaskMs: tasks.length === 0 ? null : Math.max(...tasks),
    longestTaskCpuMs,
    longestPauseMs: pause,
  };
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** CPU of the thread, in microseconds. */
  tdur?: number;
  args: { name?: string };
}

function longestMainTask(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const main = new Set(threads.map(({ pid, tid }) => `${pid}:${tid}`));
  return traceEvents.reduce(
    (longest, { name, ph, pid, tid, tdur = 0 }) =>
      ph === 'X' && name.endsWith('RunTask') && main.has(`${pid}:${tid}`) ? Math.max(longest, tdur / 1000) : longest,
    0,
  );
}

/** The most memory that a process ever had in RAM; 0 where the system does not tell (anything but Linux). */
function peakBytes(pid: number): number {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
