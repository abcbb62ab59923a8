'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { chosenFile } from '#components/jobs/file-name.ts';
import { JobStatusBadge } from '#components/jobs/job-status.tsx';
import { Ago } from '#components/ui/moment.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

/** Names are looked for within others: the newest few hold the very one, if it is there at all. */
const LOOKED_AT = 10;

interface SeenBeforeProps {
  figura: string;
  fileName: string;
  /** null while that is not known. */
  sentBytes: number | null;
}

/**
 * Whether this file, or another one of its name, was loaded before: by whom, when, and with what result. The same file
 * is told by its size as sent: what the converter makes of the same bytes has the same length.
 */
export function SeenBefore({ figura, fileName, sentBytes }: SeenBeforeProps) {
  const t = useTranslations('upload');
  const client = useApiClient();
  const filters = { figura, q: fileName.slice(0, 100), limit: LOOKED_AT };
  const jobs = useQuery({
    queryKey: queryKeys.jobList(filters),
    queryFn: ({ signal }) => client.listJobs(filters, { signal }),
  });
  // A simulation loads nothing.
  const loads = jobs.data?.items.filter(({ dryRun }) => !dryRun) ?? [];
  const sameName = loads.filter(({ file }) => chosenFile(file.name).name === fileName);
  const same = sameName.find(({ file }) => file.size === sentBytes);
  const job = same ?? sameName[0];
  // That this cannot be told hinders nobody: no error is shown.
  if (!job) return null;
  return (
    <p className="mt-2 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
      {t(same ? 'seenSame' : 'seenBefore', { author: job.createdBy.name })}
      <Ago at={job.createdAt} />
      <JobStatusBadge job={job} />
      <Link href={`/cargas/${figura}/${job.id}`} className="text-accent underline">
        {t('seeJob')}
      </Link>
    </p>
  );
}
