'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { RowDto } from '#lib/api/schemas.ts';
import type { MendedRow } from '#lib/job/mended-file.ts';

type Mended = Readonly<Record<number, MendedRow>>;

const keyOf = (jobId: string) => `carga-mend-${jobId}`;

const NOTHING: Mended = {};

/** What somebody changed in the rejected rows of a job; kept in this tab, so that nothing typed is lost. */
export function useMending(jobId: string) {
  const [mended, setMended] = useState(NOTHING);
  // What was typed last, for two cells changed before the page is drawn anew.
  const newest = useRef(NOTHING);
  const change = useCallback((after: Mended) => {
    newest.current = after;
    setMended(after);
  }, []);
  useEffect(() => change(read(jobId)), [change, jobId]);
  const edit = useCallback(
    (row: RowDto, column: string, text: string) => {
      const after = withEdit(newest.current, row, column, text);
      change(after);
      keep(jobId, after);
    },
    [change, jobId],
  );
  const discard = useCallback(() => {
    change(NOTHING);
    keep(jobId, NOTHING);
  }, [change, jobId]);
  return { mended, count: Object.keys(mended).length, edit, discard };
}

function withEdit(before: Mended, row: RowDto, column: string, text: string): Mended {
  const cells = row.cells ?? [];
  const edits = { ...before[row.row]?.edits };
  // Typed back to what it was: no change.
  if (cells.find((cell) => cell.column === column)?.text === text) delete edits[column];
  else edits[column] = text;
  const { [row.row]: _own, ...others } = before;
  return Object.keys(edits).length === 0 ? others : { ...others, [row.row]: { cells, edits } };
}

function keep(jobId: string, mended: Mended): void {
  try {
    if (Object.keys(mended).length === 0) sessionStorage.removeItem(keyOf(jobId));
    else sessionStorage.setItem(keyOf(jobId), JSON.stringify(mended));
  } catch {
    // A browser that keeps nothing still has the page.
  }
}

function read(jobId: string): Mended {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(jobId)) ?? '{}');
  } catch {
    return NOTHING;
  }
}
