'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { chosenFile } from '#components/jobs/file-name.ts';
import { useToast } from '#components/ui/toast.tsx';
import { useFaultText } from '#components/ui/use-fault-text.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';
import type { EnqueueDto, FiguraDto, JobDto } from '#lib/api/schemas.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import { uploadFile } from '#lib/api-client/upload-file.ts';
import { foldName } from '#lib/figura/map-columns.ts';
import { type MendedRow, writeMendedFile } from '#lib/job/mended-file.ts';

/** Sends mended rows as a file of their own, by the ordinary way of any file, and goes to its job. */
export function useSendMended(job: JobDto, history: JobHistoryDto | null, onSent: () => void) {
  const t = useTranslations('job.mend');
  const client = useApiClient();
  const queries = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  const faultText = useFaultText();
  const mutation = useMutation({
    mutationFn: async (rows: MendedRow[]) => {
      const figura = await client.getFigura(job.figura);
      const source = history?.source ?? { writtenAs: job.file.format, csv: null };
      const { text, format, csv } = writeMendedFile(rows, source, jsonColumnsOf(rows, job, figura));
      const base = chosenFile(job.file.name).name.replace(/\.[^.]+$/, '');
      const blob = new Blob([text], { type: format === 'csv' ? 'text/csv' : 'application/x-ndjson' });
      const file = await uploadFile(client, {
        figura: job.figura,
        source: blob,
        fileName: `${base} ${t('suffix')}.${format}`,
        contentType: blob.type,
      });
      const { mode, csv: _csv, ...options } = job.options;
      return client.enqueueJob(job.figura, {
        ...options,
        // A few rows do not mirror a table: the rest of it would be deleted.
        mode: mode === 'snapshot' ? 'merge' : mode,
        ...(csv ? { csv } : {}),
        url: file.url,
        format,
        mends: job.id,
      } as EnqueueDto);
    },
    onSuccess: ({ id }) => {
      onSent();
      // The job that was mended tells by which one, from now on.
      void queries.invalidateQueries({ queryKey: queryKeys.jobHistory(job.id) });
      notify(t('sent'), 'good');
      router.push(`/cargas/${job.figura}/${id}`);
    },
    onError: (error) => notify(faultText(error).text, 'bad'),
  });
  return { isBusy: mutation.isPending, send: mutation.mutate };
}

/** Columns of the file that go to a column of JSON, by the job's own mapping or by their names. */
function jsonColumnsOf(rows: MendedRow[], job: JobDto, figura: FiguraDto): Set<string> {
  const targets = figura.columns.filter(({ type }) => /^jsonb?$/.test(type)).map(({ name }) => foldName(name));
  const mapping = (job.options.mapping ?? {}) as Record<string, string>;
  const sources = new Set(rows.flatMap(({ cells }) => cells.map(({ column }) => column)));
  return new Set([...sources].filter((source) => targets.includes(foldName(mapping[source] ?? source))));
}
