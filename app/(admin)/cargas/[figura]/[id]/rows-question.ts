import type { RowFilterValues } from '#components/jobs/row-filters.tsx';
import type { JobDto } from '#lib/api/schemas.ts';
import type { RowFilters } from '#lib/api-client/create-api-client.ts';
import type { RowFaultCode } from '#lib/job/row-faults.ts';

const PAGE_ROWS = 200;

type ExplainedRows = Record<'ER' | 'SK', number>;

/** How many rows have a reason of their own. Of a load that wrote nothing, the rows left over are skipped without one. */
export function explainedRows({ status, rows }: JobDto): ExplainedRows {
  return { ER: rows.rejected, SK: status === 'complete' ? rows.skipped : 0 };
}

/** Whether a job is a simulation that would change rows. */
export function hasSimulatedChanges({ dryRun, status, rows }: JobDto): boolean {
  return dryRun && status === 'complete' && rows.updated > 0;
}

/** Which rows an address asks for: as their form shows it, and as the service is asked. */
export function readRowsQuestion(
  search: URLSearchParams,
  counts: ExplainedRows,
): { status: 'ER' | 'SK'; values: RowFilterValues; filters: RowFilters } {
  const status = (search.get('rows') === 'SK' && counts.SK > 0) || counts.ER === 0 ? 'SK' : 'ER';
  const values: RowFilterValues = { q: search.get('q') ?? '', kind: search.get('kind') ?? '' };
  const [code, column] = values.kind.split(/ (.*)/s);
  return {
    status,
    values,
    filters: {
      status,
      limit: PAGE_ROWS,
      cells: true,
      ...(values.q === '' ? {} : { q: values.q }),
      ...(column === undefined ? {} : { code: code as RowFaultCode, column }),
    },
  };
}
