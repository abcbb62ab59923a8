'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { FiguraForm, faultsByField } from '#components/figuras/figura-form.tsx';
import { FiguraTable } from '#components/figuras/figura-table.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { MakingList } from '#components/ui/making-list.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { CreateFiguraDto } from '#lib/api/schemas.ts';
import { ApiError } from '#lib/api-client/api-error.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

/** The figuras one may see; administrators also register new ones here. */
export function FigurasView({ isAdmin, canImport }: { isAdmin: boolean; canImport: boolean }) {
  const t = useTranslations('figuras');
  const figuras = useAllFiguras();
  const [isAdding, setIsAdding] = useState(false);
  return (
    <MakingList
      title={t('title')}
      lead={t('lead')}
      add={isAdmin ? t('add') : null}
      empty={{ icon: 'file', title: t('empty'), lead: isAdmin ? t('emptyAdmin') : t('emptyUser') }}
      list={figuras}
      isAdding={isAdding}
      onToggle={() => setIsAdding(!isAdding)}
      form={<NewFigura onCancel={() => setIsAdding(false)} />}
    >
      {(items) => <FiguraTable figuras={items} canImport={canImport} />}
    </MakingList>
  );
}

function NewFigura({ onCancel }: { onCancel: () => void }) {
  const t = useTranslations('figuras');
  const client = useApiClient();
  const queryClient = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  const creation = useMutation({
    mutationFn: (figura: CreateFiguraDto) => client.createFigura(figura),
    onSuccess: (figura) => {
      void queryClient.invalidateQueries({ queryKey: queryKeys.figuras });
      queryClient.setQueryData(queryKeys.figura(figura.name), figura);
      notify(t('form.done', { name: figura.name }), 'good');
      router.push(`/figuras/${figura.name}`);
    },
  });
  const faults = creation.error instanceof ApiError ? faultsByField(creation.error) : null;
  return (
    <>
      <p className="mb-4 max-w-prose text-muted">{t('form.lead')}</p>
      {creation.error && faults === null ? (
        <div className="mb-4">
          <ErrorState error={creation.error} />
        </div>
      ) : null}
      <FiguraForm faults={faults ?? {}} isBusy={creation.isPending} onCancel={onCancel} onSubmit={creation.mutate} />
    </>
  );
}
