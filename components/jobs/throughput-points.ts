import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';

type Sample = JobHistoryDto['samples'][number];

/** How fast rows were read between a sample and the one before it. */
export type ThroughputPoint = Pick<Sample, 'elapsedMs' | 'phase' | 'rowsRead'> & { rowsPerSecond: number };

/** The speed at each sample of one attempt, in the order of time. Rows that were taken back count as none. */
export function throughputOf(samples: readonly Sample[]): ThroughputPoint[] {
  let before = { elapsedMs: 0, rowsRead: 0 };
  return samples.map(({ elapsedMs, phase, rowsRead }) => {
    const seconds = (elapsedMs - before.elapsedMs) / 1000;
    const rowsPerSecond = seconds > 0 ? Math.max(0, Math.round((rowsRead - before.rowsRead) / seconds)) : 0;
    before = { elapsedMs, rowsRead };
    return { elapsedMs, phase, rowsRead, rowsPerSecond };
  });
}
