'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { SelectField, TextField } from '#components/ui/field.tsx';
import type { CreateUserDto, UserDto } from '#lib/api-client/create-api-client.ts';
import { FiguraChoice } from './figura-choice.tsx';
import { MIN_PASSWORD } from './password-rule.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;

/** A person: who they are and what they may do. A new one without a password is invited by a link. */
export function UserForm(props: {
  user: UserDto | null;
  figuras: readonly string[];
  isBusy: boolean;
  onCancel: () => void;
  onSubmit: (user: CreateUserDto) => void;
}) {
  const t = useTranslations('users');
  const roles = useTranslations('shell.roles');
  const common = useTranslations('common');
  const newPassword = useTranslations('newPassword');
  const { user } = props;
  const [faults, setFaults] = useState<{ email?: string; name?: string; password?: string }>({});
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (props.isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const email = user?.email ?? text('email');
    const password = String(form.get('password') ?? '');
    const found = {
      email: /^[^\s@]+@[^\s@]+$/.test(email) ? undefined : t('emailFault'),
      name: text('name') === '' ? t('nameFault') : undefined,
      password:
        password.length >= MIN_PASSWORD || password === ''
          ? undefined
          : newPassword('tooShort', { count: MIN_PASSWORD }),
    };
    setFaults(found);
    if (found.email || found.name || found.password) return;
    props.onSubmit({
      email,
      name: text('name'),
      role: ROLES.find((role) => role === form.get('role')) ?? 'viewer',
      figuras: form.get('all') ? ['*'] : form.getAll('figura').map(String),
      ...(password === '' ? {} : { password }),
    });
  }
  return (
    <form onSubmit={submit} className="grid gap-4 sm:grid-cols-2" noValidate>
      {user ? null : (
        <TextField name="email" label={t('email')} inputMode="email" autoComplete="off" fault={faults.email} required />
      )}
      <TextField
        name="name"
        label={t('name')}
        defaultValue={user?.name}
        autoComplete="off"
        fault={faults.name}
        required
      />
      <SelectField name="role" label={t('role')} hint={t('roleHint')} defaultValue={user?.role ?? 'operator'}>
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {roles(role)}
          </option>
        ))}
      </SelectField>
      <TextField
        name="password"
        type="password"
        label={user ? t('newPassword') : t('password')}
        hint={user ? t('newPasswordHint') : t('passwordHint')}
        autoComplete="new-password"
        fault={faults.password}
      />
      <FiguraChoice figuras={props.figuras} given={user?.figuras ?? ['*']} />
      <div className="flex gap-2 sm:col-span-2">
        <Button type="submit" look="primary" isBusy={props.isBusy}>
          {t('submit')}
        </Button>
        <Button onClick={props.onCancel}>{common('cancel')}</Button>
      </div>
    </form>
  );
}
