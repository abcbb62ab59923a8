import { expect, test } from 'vitest';
import { keepRunning } from '#embedded/restart.ts';

test('what is being started while the watch is released is handed over to be stopped', async () => {
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slowStart = Promise.withResolvers<void>();
  const secondStart = Promise.withResolvers<void>();
  let starts = 0;
  const start = async () => {
    const number = starts;
    starts += 1;
    if (number === 1) {
      secondStart.resolve();
      await slowStart.promise;
    }
    return { number, exited: (ends[number] as PromiseWithResolvers<void>).promise };
  };
  const kept = await keepRunning(
    start,
    () => {},
    () => {},
  );
  expect(kept.current.number).toBe(0);
  ends[0]?.resolve();
  await secondStart.promise;
  const released = kept.release();
  slowStart.resolve();
  expect((await released).number).toBe(1);
  // Nothing is started again after that.
  ends[1]?.resolve();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(starts).toBe(2);
});
