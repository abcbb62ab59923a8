import type { JobStatus, StageStatus } from './job-states.ts';

/** How many rows ended how. After the end of a job: read = the sum of the others. */
export interface RowOutcomes {
  read: number;
  inserted: number;
  updated: number;
  deleted: number;
  unchanged: number;
  skipped: number;
  rejected: number;
}

/** Nothing read, nothing done. */
export const NO_ROWS: Readonly<RowOutcomes> = {
  read: 0,
  inserted: 0,
  updated: 0,
  deleted: 0,
  unchanged: 0,
  skipped: 0,
  rejected: 0,
};

/**
 * Rows by stage status, read off the figures instead of being kept per row: two UPDATEs of a million stage rows cost
 * 40 % of a whole load.
 */
export function stageCounts(status: JobStatus, merging: boolean, rows: RowOutcomes): Record<StageStatus, number> {
  const OK = rows.inserted + rows.updated + rows.deleted + rows.unchanged;
  const open = rows.read - OK - rows.skipped - rows.rejected;
  const isOpen = status === 'processing';
  return {
    RD: isOpen && !merging ? open : 0,
    LD: isOpen && merging ? open : 0,
    OK,
    SK: rows.skipped,
    ER: rows.rejected,
  };
}
