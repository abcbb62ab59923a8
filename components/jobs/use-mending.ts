'use client';

import { useCallback, useEffect, useState } from 'react';
import type { RowDto } from '#lib/api/schemas.ts';
import type { MendedRow } from '#lib/job/mended-file.ts';

type Mended = Readonly<Record<number, MendedRow>>;

const keyOf = (jobId: string) => `carga-mend-${jobId}`;

/** What somebody changed in the rejected rows of a job; kept in this tab, so that nothing typed is lost. */
export function useMending(jobId: string) {
  const [mended, setMended] = useState<Mended>({});
  useEffect(() => setMended(read(jobId)), [jobId]);
  const keep = useCallback(
    (change: (before: Mended) => Mended) =>
      setMended((before) => {
        const after = change(before);
        try {
          if (Object.keys(after).length === 0) sessionStorage.removeItem(keyOf(jobId));
          else sessionStorage.setItem(keyOf(jobId), JSON.stringify(after));
        } catch {
          // A browser that keeps nothing still has the page.
        }
        return after;
      }),
    [jobId],
  );
  const edit = useCallback(
    (row: RowDto, column: string, text: string) =>
      keep((before) => {
        const cells = row.cells ?? [];
        const edits = { ...before[row.row]?.edits };
        // Typed back to what it was: no change.
        if (cells.find((cell) => cell.column === column)?.text === text) delete edits[column];
        else edits[column] = text;
        const { [row.row]: _own, ...others } = before;
        return Object.keys(edits).length === 0 ? others : { ...others, [row.row]: { cells, edits } };
      }),
    [keep],
  );
  const discard = useCallback(() => keep(() => ({})), [keep]);
  return { mended, count: Object.keys(mended).length, edit, discard };
}

function read(jobId: string): Mended {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(jobId)) ?? '{}');
  } catch {
    return {};
  }
}
