'use client';

import { useTranslations } from 'next-intl';
import { ButtonLink } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { ImportForm } from './import-form.tsx';

/** From choosing a figura and files to their jobs. */
export function ImportView({ isAdmin }: { isAdmin: boolean }) {
  const t = useTranslations('upload');
  const figuras = useAllFiguras();
  if (figuras.isPending) return <Skeleton className="h-72 w-full" />;
  if (figuras.isError) return <ErrorState error={figuras.error} onRetry={() => void figuras.refetch()} />;
  if (figuras.data.length === 0) {
    return (
      <EmptyState
        icon="file"
        title={t('noFiguras')}
        lead={isAdmin ? t('noFigurasAdmin') : t('noFigurasUser')}
        action={isAdmin ? <ButtonLink href="/figuras">{t('toFiguras')}</ButtonLink> : null}
      />
    );
  }
  return <ImportForm figuras={figuras.data} />;
}
