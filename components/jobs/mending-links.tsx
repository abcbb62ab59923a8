'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { Notice } from '#components/ui/notice.tsx';
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';
import { chosenFile } from './file-name.ts';
import { JobStatusBadge } from './job-status.tsx';

/** From a mended file to the job it mends, and from that job to those that mend it. */
export function MendingLinks({ figura, history }: { figura: string; history: JobHistoryDto }) {
  const t = useTranslations('job');
  const { mends, mendedBy } = history;
  return (
    <>
      {mends ? (
        <Notice tone="accent" icon="info">
          {t.rich('mends', {
            link: () => (
              <Link href={`/cargas/${figura}/${mends.id}`} className="text-accent underline">
                {t('mendsFile', { name: chosenFile(mends.fileName).name })}
              </Link>
            ),
          })}
        </Notice>
      ) : null}
      {mendedBy.length > 0 ? (
        <Notice tone="accent" icon="again">
          <p>{t('mendedBy', { count: mendedBy.length })}</p>
          <ul className="mt-1 grid gap-1">
            {mendedBy.map((job) => (
              <li key={job.id} className="flex flex-wrap items-center gap-2">
                <Link href={`/cargas/${figura}/${job.id}`} className="text-accent underline">
                  {t('mendedRows', { count: job.rowsRead })}
                </Link>
                <JobStatusBadge job={job} />
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
    </>
  );
}
