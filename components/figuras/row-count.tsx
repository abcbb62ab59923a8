'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import { rowCountQuery } from '#lib/api-client/page-queries.ts';

/** How many rows the table has: the database's estimate, said as such, until somebody asks to have them counted. */
export function RowCount({ figura }: { figura: string }) {
  const t = useTranslations('figuras.rowCount');
  const client = useApiClient();
  const format = useFormats();
  const [isExact, setIsExact] = useState(false);
  const count = useQuery(rowCountQuery(client, figura, isExact));
  const isAsked = isExact && !count.isPending;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1" aria-live="polite">
      {count.data === undefined ? (
        <span className="text-muted">{count.isError ? t('failed') : t('counting')}</span>
      ) : count.data.rowCount === null ? (
        <span className="text-muted">{t('unknown')}</span>
      ) : (
        <span>{t(count.data.isExact ? 'exact' : 'estimate', { count: format.number(count.data.rowCount) })}</span>
      )}
      {isAsked && count.data?.isExact === false ? <span className="text-muted text-sm">{t('tooLong')}</span> : null}
      <Button isSmall isBusy={count.isFetching} onClick={() => (isExact ? void count.refetch() : setIsExact(true))}>
        {t('count')}
      </Button>
    </span>
  );
}
