'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { signIn } from 'next-auth/react';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { Button, ButtonLink } from '#components/ui/button.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { ApiError } from '#lib/api-client/api-error.ts';
import { EntryFrame } from './entry-frame.tsx';
import { type NewPasswordFaults, NewPasswordFields, useReadNewPassword } from './new-password-fields.tsx';
import { HOME_PATH } from './own-path.ts';

function watchHash(onChange: () => void) {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Name and password of who came by a link; its token stands behind `#`, which browsers send nowhere. */
export function AccessLinkForm() {
  const t = useTranslations('accessLink');
  const client = useApiClient();
  const token = useSyncExternalStore(
    watchHash,
    () => window.location.hash.slice(1),
    () => null,
  );
  const [fault, setFault] = useState<NewPasswordFaults & { name?: string }>({});
  const readNewPassword = useReadNewPassword();
  const holder = useQuery({
    queryKey: ['access-link', token],
    queryFn: ({ signal }) => client.inspectAccessLink({ token: token ?? '' }, { signal }),
    enabled: token !== null,
    // Each look is counted, and a link that is gone does not come back.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const acceptance = useMutation({
    mutationFn: async (form: { name: string; password: string }) => {
      await client.acceptAccessLink({ token: token ?? '', ...form });
      const answer = await signIn('credentials', {
        redirect: false,
        email: holder.data?.email ?? '',
        password: form.password,
      });
      window.location.assign(answer?.ok ? HOME_PATH : '/login');
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (acceptance.isPending) return;
    const form = new FormData(event.currentTarget);
    const name = String(form.get('name') ?? '').trim();
    const { password, faults } = readNewPassword(form);
    const found = name === '' ? { ...faults, name: t('nameFault') } : faults;
    setFault(found);
    if (Object.keys(found).length === 0) acceptance.mutate({ name, password });
  }
  const error = holder.error ?? acceptance.error;
  if (error instanceof ApiError && (error.code === 'access_link_not_found' || error.code === 'invalid_request')) {
    return (
      <EntryFrame title={t('goneTitle')}>
        <div className="grid gap-4">
          <div role="alert">
            <Notice tone="warn" icon="alert">
              {t('gone')}
            </Notice>
          </div>
          <ButtonLink href="/login">{t('toLogin')}</ButtonLink>
        </div>
      </EntryFrame>
    );
  }
  if (!holder.isSuccess) {
    return (
      <EntryFrame title={t('title')} lead={t('lead')}>
        {holder.isPending ? (
          <Skeleton className="h-64 w-full" />
        ) : (
          <ErrorState error={holder.error} onRetry={() => void holder.refetch()} />
        )}
      </EntryFrame>
    );
  }
  const { email, name, isInvitation, expiresAt } = holder.data;
  return (
    <EntryFrame title={t('title')} lead={t('lead')}>
      <form method="post" onSubmit={submit} className="grid gap-4" noValidate>
        {acceptance.error ? <ErrorState error={acceptance.error} /> : null}
        <p>
          {t(isInvitation ? 'invited' : 'forgot')} <strong className="wrap-anywhere">{email}</strong>
        </p>
        {/* Password managers keep the new password under this name. */}
        <input type="hidden" name="email" value={email} autoComplete="username" />
        <TextField name="name" label={t('name')} defaultValue={name} autoComplete="name" fault={fault.name} required />
        <NewPasswordFields label={t('password')} hint={t('passwordHint')} faults={fault} />
        <Button type="submit" look="primary" isBusy={acceptance.isPending}>
          {t('submit')}
        </Button>
        <p className="text-muted text-sm">
          {t('validUntil')} <Moment at={expiresAt} isFull />
        </p>
      </form>
    </EntryFrame>
  );
}
