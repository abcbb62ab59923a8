'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { signIn } from 'next-auth/react';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import {
  type NewPasswordFaults,
  NewPasswordFields,
  useReadNewPassword,
} from '#components/access/new-password-fields.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { TextField } from '#components/ui/field.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { ApiError } from '#lib/api-client/api-error.ts';

/** One's own name, and a new password for who has one. */
export function ProfileView(props: { name: string; email: string; hasPassword: boolean }) {
  const t = useTranslations('profile');
  return (
    <>
      <PageHeading title={t('title')} lead={props.email} />
      <div className="grid max-w-xl gap-5">
        <NameForm name={props.name} />
        {props.hasPassword ? <PasswordForm email={props.email} /> : <p className="text-muted">{t('noPassword')}</p>}
      </div>
    </>
  );
}

function NameForm({ name }: { name: string }) {
  const t = useTranslations('profile');
  const client = useApiClient();
  const router = useRouter();
  const notify = useToast();
  const [fault, setFault] = useState<string>();
  const saving = useMutation({
    mutationFn: (wanted: string) => client.changeProfile({ name: wanted }),
    onSuccess: () => {
      notify(t('saved'), 'good');
      router.refresh();
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const wanted = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    setFault(wanted === '' ? t('nameFault') : undefined);
    if (wanted !== '' && !saving.isPending) saving.mutate(wanted);
  }
  return (
    <Card>
      <form onSubmit={submit} className="grid gap-4" noValidate>
        {saving.error ? <ErrorState error={saving.error} /> : null}
        <TextField name="name" label={t('name')} defaultValue={name} autoComplete="name" fault={fault} required />
        <div>
          <Button type="submit" look="primary" isBusy={saving.isPending}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function PasswordForm({ email }: { email: string }) {
  const t = useTranslations('profile');
  const client = useApiClient();
  const [fault, setFault] = useState<NewPasswordFaults & { current?: string }>({});
  const readNewPassword = useReadNewPassword();
  const changing = useMutation({
    mutationFn: async (form: { currentPassword: string; newPassword: string }) => {
      await client.changeProfile(form);
      // The old session is over, this one too: a new one begins without a question.
      const answer = await signIn('credentials', { redirect: false, email, password: form.newPassword });
      window.location.assign(answer?.ok ? '/perfil' : '/login?callbackUrl=/perfil');
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'wrong_password') setFault({ current: error.detail });
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (changing.isPending) return;
    const form = new FormData(event.currentTarget);
    const currentPassword = String(form.get('current') ?? '');
    const { password: newPassword, faults } = readNewPassword(form);
    const found = currentPassword === '' ? { ...faults, current: t('currentFault') } : faults;
    setFault(found);
    if (Object.keys(found).length === 0) changing.mutate({ currentPassword, newPassword });
  }
  return (
    <Card title={t('passwordTitle')}>
      <form method="post" onSubmit={submit} className="grid gap-4" noValidate>
        {changing.error && !fault.current ? <ErrorState error={changing.error} /> : null}
        <input type="hidden" name="email" value={email} autoComplete="username" />
        <TextField
          name="current"
          type="password"
          label={t('current')}
          autoComplete="current-password"
          fault={fault.current}
          required
        />
        <NewPasswordFields label={t('next')} hint={t('nextHint')} faults={fault} />
        <div>
          <Button type="submit" look="primary" isBusy={changing.isPending}>
            {t('change')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
