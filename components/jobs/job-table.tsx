'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { Ago } from '#components/ui/moment.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { chosenFile } from './file-name.ts';
import { JobStatusBadge } from './job-status.tsx';
import { runningMs } from './job-time.ts';

/** Jobs, newest first; the whole row leads to its job. */
export function JobTable({ jobs, isBusy }: { jobs: JobDto[]; isBusy: boolean }) {
  const t = useTranslations('jobs');
  return (
    <Table caption={t('title')} isBusy={isBusy}>
      <thead>
        <tr>
          <HeadCell className="hidden sm:table-cell">{t('columns.status')}</HeadCell>
          <HeadCell>{t('columns.file')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('columns.figura')}</HeadCell>
          <HeadCell isNumber className="hidden sm:table-cell">
            {t('columns.rows')}
          </HeadCell>
          <HeadCell isNumber className="hidden sm:table-cell">
            {t('columns.rejected')}
          </HeadCell>
          <HeadCell isNumber className="hidden lg:table-cell">
            {t('columns.duration')}
          </HeadCell>
          <HeadCell className="hidden lg:table-cell">{t('columns.author')}</HeadCell>
          <HeadCell className="hidden md:table-cell">{t('columns.start')}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </tbody>
    </Table>
  );
}

function JobRow({ job }: { job: JobDto }) {
  const t = useTranslations('jobs');
  const format = useFormats();
  const ranMs = runningMs(job, Date.now());
  const state = (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <JobStatusBadge job={job} />
      {job.status === 'processing' ? (
        <span className="text-muted text-sm">{format.number(Math.floor(job.progress.percent))} %</span>
      ) : null}
    </span>
  );
  return (
    <Row className="relative hover:bg-sunken">
      <Cell className="hidden sm:table-cell">{state}</Cell>
      <Cell className="sm:min-w-40">
        <Link
          href={`/cargas/${job.figura}/${job.id}`}
          className="wrap-anywhere font-medium text-accent after:absolute after:inset-0 hover:underline"
        >
          {chosenFile(job.file.name).name}
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
      <Cell className="hidden max-w-48 break-words sm:table-cell">{job.figura}</Cell>
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
      <Cell className="hidden max-w-40 truncate lg:table-cell">{job.createdBy.name}</Cell>
      <Cell className="hidden md:table-cell">
        <Ago at={job.createdAt} />
      </Cell>
    </Row>
  );
}
