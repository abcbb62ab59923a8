'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { classNames } from '#components/ui/class-names.ts';
import { Icon } from '#components/ui/icon.tsx';
import { Ago } from '#components/ui/moment.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import type { JobSort } from '#lib/job/job-sorts.ts';
import { chosenFile } from './file-name.ts';
import { JobStatusBadge } from './job-status.tsx';
import { runningMs } from './job-time.ts';
import { useWaitingText } from './use-waiting-text.ts';

/** In which order a list stands. */
export interface JobOrder {
  sort: JobSort;
  order: 'asc' | 'desc';
}

type Column = 'status' | 'file' | 'figura' | 'rows' | 'rejected' | 'duration' | 'author' | 'start';

/** What each column sorts by, and which end of it people want to see first. */
const SORTS: Record<Column, JobOrder> = {
  // As a job goes: what waits and runs first, what ended last.
  status: { sort: 'status', order: 'asc' },
  file: { sort: 'fileName', order: 'asc' },
  figura: { sort: 'figura', order: 'asc' },
  rows: { sort: 'rows', order: 'desc' },
  rejected: { sort: 'rejected', order: 'desc' },
  duration: { sort: 'duration', order: 'desc' },
  author: { sort: 'author', order: 'asc' },
  start: { sort: 'createdAt', order: 'desc' },
};

/** Jobs in the order of the server; the whole row leads to its job. */
export function JobTable(props: {
  jobs: readonly JobDto[];
  isBusy: boolean;
  order: JobOrder;
  onOrder: (order: JobOrder) => void;
  /** Ids of the jobs that are marked; null where nothing can be done with them. */
  marked: ReadonlySet<string> | null;
  onMark: (ids: string[], isMarked: boolean) => void;
}) {
  const t = useTranslations('jobs');
  const { jobs, marked } = props;
  const head = (column: Column, className?: string, isNumber?: boolean) => (
    <SortHead column={column} className={className} isNumber={isNumber} order={props.order} onOrder={props.onOrder} />
  );
  const isAllMarked = jobs.length > 0 && jobs.every(({ id }) => marked?.has(id));
  return (
    <Table caption={t('title')} isBusy={props.isBusy}>
      <thead>
        <tr>
          {marked === null ? null : (
            <HeadCell className="w-10">
              <MarkBox
                label={t('selectAll')}
                isMarked={isAllMarked}
                onChange={(isMarked) =>
                  props.onMark(
                    jobs.map(({ id }) => id),
                    isMarked,
                  )
                }
              />
            </HeadCell>
          )}
          {head('status', 'hidden sm:table-cell')}
          {head('file')}
          {head('figura', 'hidden sm:table-cell')}
          {head('rows', 'hidden sm:table-cell', true)}
          {head('rejected', 'hidden sm:table-cell', true)}
          {head('duration', 'hidden lg:table-cell', true)}
          {head('author', 'hidden lg:table-cell')}
          {head('start', 'hidden md:table-cell')}
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow
            key={job.id}
            job={job}
            isMarked={marked === null ? null : marked.has(job.id)}
            onMark={(isMarked) => props.onMark([job.id], isMarked)}
          />
        ))}
      </tbody>
    </Table>
  );
}

function SortHead(props: {
  column: Column;
  className?: string;
  isNumber?: boolean;
  order: JobOrder;
  onOrder: (order: JobOrder) => void;
}) {
  const t = useTranslations('jobs');
  const { column, order, onOrder } = props;
  const first = SORTS[column];
  const name = t(`columns.${column}`);
  const isSorted = order.sort === first.sort;
  const next = isSorted ? ({ ...order, order: order.order === 'asc' ? 'desc' : 'asc' } as const) : first;
  return (
    <HeadCell
      isNumber={props.isNumber}
      className={props.className}
      aria-sort={isSorted ? (order.order === 'asc' ? 'ascending' : 'descending') : undefined}
    >
      <button
        type="button"
        title={t('sortBy', { column: name })}
        onClick={() => onOrder(next)}
        // Above figures the sign goes first, so that the word ends where they end.
        className={classNames(
          '-mx-1 inline-flex min-h-6 items-center gap-1 rounded-control px-1 font-medium hover:text-ink',
          props.isNumber && 'flex-row-reverse',
        )}
      >
        {name}
        <Icon name={isSorted && order.order === 'asc' ? 'up' : 'down'} className={isSorted ? undefined : 'invisible'} />
      </button>
    </HeadCell>
  );
}

/** A box as large as a finger; above the link that covers the row. */
function MarkBox(props: { label: string; isMarked: boolean; onChange: (isMarked: boolean) => void }) {
  return (
    <label className="relative z-10 -m-1.5 grid size-8 cursor-pointer place-items-center">
      <input
        type="checkbox"
        className="size-4"
        aria-label={props.label}
        checked={props.isMarked}
        onChange={(event) => props.onChange(event.target.checked)}
      />
    </label>
  );
}

function JobRow(props: { job: JobDto; isMarked: boolean | null; onMark: (isMarked: boolean) => void }) {
  const t = useTranslations('jobs');
  const format = useFormats();
  const waitingText = useWaitingText();
  const { job, isMarked } = props;
  const name = chosenFile(job.file.name).name;
  const ranMs = runningMs(job);
  const state = (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <JobStatusBadge job={job} />
      {job.status === 'processing' ? (
        <span className="text-muted text-sm">{format.number(Math.floor(job.progress.percent))} %</span>
      ) : null}
      {job.waiting === null ? null : <span className="text-muted text-sm">{waitingText(job.waiting)}</span>}
    </span>
  );
  return (
    <Row className="relative hover:bg-sunken">
      {isMarked === null ? null : (
        <Cell>
          <MarkBox label={t('select', { name })} isMarked={isMarked} onChange={props.onMark} />
        </Cell>
      )}
      <Cell className="hidden sm:table-cell">{state}</Cell>
      <Cell className="sm:min-w-40">
        <Link
          href={`/cargas/${job.figura}/${job.id}`}
          prefetch={false}
          className="wrap-anywhere font-medium text-accent after:absolute after:inset-0 hover:underline"
        >
          {name}
        </Link>
        {job.dryRun ? <p className="text-muted text-sm">{t('dryRun')}</p> : null}
        {/* What the narrow table leaves out stands below the name. */}
        <div className="mt-1 sm:hidden">{state}</div>
        <p className="text-muted text-sm sm:hidden">
          {job.figura} · {t('rowsShort', { count: job.rows.read })}
          {job.rows.rejected > 0 ? ` · ${t('rejectedShort', { count: job.rows.rejected })}` : null}
        </p>
        <p className="text-muted text-sm md:hidden">
          <Ago at={job.createdAt} />
        </p>
      </Cell>
      <Cell className="wrap-anywhere hidden min-w-24 max-w-48 sm:table-cell">{job.figura}</Cell>
      <Cell isNumber className="hidden sm:table-cell">
        {format.number(job.rows.read)}
      </Cell>
      <Cell isNumber className="hidden sm:table-cell">
        <span className={job.rows.rejected > 0 ? 'font-medium text-bad' : undefined}>
          {format.number(job.rows.rejected)}
        </span>
      </Cell>
      <Cell isNumber className="hidden whitespace-nowrap lg:table-cell">
        {ranMs === null ? '–' : format.duration(ranMs)}
      </Cell>
      <Cell className="hidden max-w-36 truncate lg:table-cell" title={job.createdBy.name}>
        {job.createdBy.name}
      </Cell>
      <Cell className="hidden md:table-cell">
        <Ago at={job.createdAt} />
      </Cell>
    </Row>
  );
}
