'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { KeyForm } from '#components/access/key-form.tsx';
import { KeySecret } from '#components/access/key-secret.tsx';
import { KeyTable } from '#components/access/key-table.tsx';
import { ConfirmDialog } from '#components/ui/dialog.tsx';
import { MakingList } from '#components/ui/making-list.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useFaultText } from '#components/ui/use-fault-text.ts';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { CreateKeyDto, KeyDto } from '#lib/api-client/create-api-client.ts';
import { keysQuery } from '#lib/api-client/page-queries.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

/** API keys: who has which, a new one with its secret shown once, and taking one back. */
export function KeysView() {
  const t = useTranslations('keys');
  const client = useApiClient();
  const queryClient = useQueryClient();
  const notify = useToast();
  const faultText = useFaultText();
  const figuras = useAllFiguras();
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<KeyDto | null>(null);
  const keys = useQuery(keysQuery(client));
  const creation = useMutation({
    mutationFn: (key: CreateKeyDto) => client.createKey(key),
    onSuccess: () => {
      setIsAdding(false);
      void queryClient.invalidateQueries({ queryKey: queryKeys.keys });
    },
  });
  const revocation = useMutation({
    mutationFn: (key: KeyDto) => client.deleteKey(key.id),
    onSuccess: (_nothing, key) => {
      notify(t('revokedDone', { name: key.name }), 'good');
      void queryClient.invalidateQueries({ queryKey: queryKeys.keys });
    },
    onError: (error) => notify(faultText(error).text, 'bad'),
  });
  const toggle = () => {
    creation.reset();
    setIsAdding(!isAdding);
  };
  return (
    <>
      <MakingList
        title={t('title')}
        lead={t('lead')}
        add={t('add')}
        empty={{ icon: 'key', title: t('empty'), lead: t('emptyLead') }}
        list={keys}
        isAdding={isAdding}
        onToggle={toggle}
        fault={creation.error}
        made={creation.data ? <KeySecret created={creation.data} origin={window.location.origin} /> : null}
        form={
          <KeyForm
            figuras={figuras.data?.map(({ name }) => name) ?? []}
            isBusy={creation.isPending}
            onCancel={toggle}
            onSubmit={creation.mutate}
          />
        }
      >
        {(items) => <KeyTable keys={items} onRevoke={setLeaving} />}
      </MakingList>
      <ConfirmDialog
        isOpen={leaving !== null}
        title={t('revokeTitle', { name: leaving?.name ?? '' })}
        text={t('revokeEffect')}
        confirm={t('revoke')}
        keep={t('keep')}
        onClose={() => setLeaving(null)}
        onConfirm={() => leaving && revocation.mutate(leaving)}
      />
    </>
  );
}
