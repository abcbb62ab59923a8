'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { SeveralAction } from '#components/jobs/marked-jobs.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useFaultText } from '#components/ui/use-fault-text.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

/** More at once would make the other pages of the service wait. */
const AT_ONCE = 4;

/** Cancels or retries several jobs; one that cannot be does not stop the others. */
export function useSeveralJobs(onDone: () => void) {
  const t = useTranslations('jobs');
  const client = useApiClient();
  const queries = useQueryClient();
  const notify = useToast();
  const faultText = useFaultText();
  const [busyWith, setBusyWith] = useState<SeveralAction | null>(null);
  const mutation = useMutation({
    mutationFn: async ({ action, jobs }: { action: SeveralAction; jobs: JobDto[] }) => {
      const left = [...jobs];
      const faults: unknown[] = [];
      const work = async () => {
        for (let job = left.shift(); job !== undefined; job = left.shift()) {
          try {
            await (action === 'cancel' ? client.cancelJob(job.figura, job.id) : client.retryJob(job.figura, job.id));
          } catch (error) {
            faults.push(error);
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return faults;
    },
    onMutate: ({ action }) => setBusyWith(action),
    onSuccess: (faults, { action, jobs }) => {
      const count = jobs.length - faults.length;
      if (count > 0) notify(t(action === 'cancel' ? 'cancelledSeveral' : 'retriedSeveral', { count }), 'good');
      if (faults.length > 0)
        notify(t('someFailed', { count: faults.length, reason: faultText(faults[0]).text }), 'bad');
      onDone();
    },
    onSettled: () => {
      setBusyWith(null);
      void queries.invalidateQueries({ queryKey: queryKeys.jobs });
    },
  });
  return { busyWith, act: (action: SeveralAction, jobs: JobDto[]) => mutation.mutate({ action, jobs }) };
}
