'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { FiguraForm, faultsByField } from '#components/figuras/figura-form.tsx';
import { FiguraTable } from '#components/figuras/figura-table.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
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
  const isOpen = isAdding && isAdmin;
  const addButton = isAdmin ? (
    <Button icon="plus" aria-expanded={isOpen} onClick={() => setIsAdding(!isAdding)}>
      {t('add')}
    </Button>
  ) : null;
  return (
    <>
      <PageHeading title={t('title')} lead={t('lead')} action={figuras.data?.length ? addButton : null} />
      <div className="grid gap-5">
        {isOpen ? <NewFigura /> : null}
        {figuras.isPending ? (
          <Skeleton className="h-48 w-full" />
        ) : figuras.isError ? (
          <ErrorState error={figuras.error} onRetry={() => void figuras.refetch()} />
        ) : figuras.data.length === 0 ? (
          <EmptyState
            icon="file"
            title={t('empty')}
            lead={isAdmin ? t('emptyAdmin') : t('emptyUser')}
            action={addButton}
          />
        ) : (
          <FiguraTable figuras={figuras.data} canImport={canImport} />
        )}
      </div>
    </>
  );
}

function NewFigura() {
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
    <Card title={t('add')}>
      <p className="mb-4 max-w-prose text-muted">{t('form.lead')}</p>
      {creation.error && faults === null ? (
        <div className="mb-4">
          <ErrorState error={creation.error} />
        </div>
      ) : null}
      <FiguraForm faults={faults ?? {}} isBusy={creation.isPending} onSubmit={creation.mutate} />
    </Card>
  );
}
