import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

const forever = new AbortController().signal;

test('some work at once, some wait in order, the rest is sent away', async () => {
  const turns = new Turns({ atOnce: 2, waiting: 3, waitMs: 10_000 });
  const began: number[] = [];
  let now = 0;
  let most = 0;
  const results = await Promise.allSettled(
    [1, 2, 3, 4, 5, 6, 7].map((number) =>
      turns.take(forever, async () => {
        began.push(number);
        most = Math.max(most, ++now);
        await sleep(20);
        now--;
      }),
    ),
  );
  expect([began, most]).toEqual([[1, 2, 3, 4, 5], 2]);
  const away = results.filter((result) => result.status === 'rejected');
  expect(away.map(({ reason }) => reason.code)).toEqual(['too_busy', 'too_busy']);
  await turns.take(forever, async () => {});
});

test('whoever gives up or waits too long leaves the queue, and work that fails gives its turn on', async () => {
  const turns = new Turns({ atOnce: 1, waiting: 2, waitMs: 50 });
  const gate = Promise.withResolvers<void>();
  const fails = turns.take(forever, () => gate.promise);
  const given = new AbortController();
  const leaves = turns.take(given.signal, async () => 'never');
  const waits = turns.take(forever, async () => 'never');
  given.abort(new Error('gave up'));
  await expect(leaves).rejects.toThrow('gave up');
  // The one that works takes longer than anybody waits.
  await expect(waits).rejects.toMatchObject({ code: 'too_busy' });
  const next = turns.take(forever, async () => 'done');
  gate.reject(new Error('work'));
  await expect(fails).rejects.toThrow('work');
  expect(await next).toBe('done');
  await expect(turns.take(AbortSignal.abort(new Error('late')), async () => 1)).rejects.toThrow('late');
});
