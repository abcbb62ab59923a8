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

/** Whether a file of this name was loaded before: by whom, when, and with what result. */
export function SeenBefore({ figura, fileName }: { figura: string; fileName: string }) {
  const t = useTranslations('upload');
  const client = useApiClient();
  const filters = { figura, q: fileName.slice(0, 100), limit: LOOKED_AT };
  const jobs = useQuery({
    queryKey: queryKeys.jobList(filters),
    queryFn: ({ signal }) => client.listJobs(filters, { signal }),
  });
  const job = jobs.data?.items.find(({ file }) => chosenFile(file.name).name === fileName);
  // That this cannot be told hinders nobody: no error is shown.
  if (!job) return null;
  return (
    <p className="mt-2 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
      {t('seenBefore', { author: job.createdBy.name })}
      <Ago at={job.createdAt} />
      <JobStatusBadge job={job} />
      <Link href={`/cargas/${figura}/${job.id}`} className="text-accent underline">
        {t('seeJob')}
      </Link>
    </p>
  );
}
