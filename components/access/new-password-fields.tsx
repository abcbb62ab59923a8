'use client';

import { useTranslations } from 'next-intl';
import { TextField } from '#components/ui/field.tsx';
import { MIN_PASSWORD } from './password-rule.ts';

/** What is wrong with a new password. */
export interface NewPasswordFaults {
  password?: string;
  again?: string;
}

/** Reads what was typed into {@link NewPasswordFields}. */
export function useReadNewPassword(): (form: FormData) => { password: string; faults: NewPasswordFaults } {
  const t = useTranslations('newPassword');
  return (form) => {
    const password = String(form.get('password') ?? '');
    const faults: NewPasswordFaults = {};
    if (password.length < MIN_PASSWORD) faults.password = t('tooShort', { count: MIN_PASSWORD });
    if (password !== form.get('again')) faults.again = t('differ');
    return { password, faults };
  };
}

/** A new password, written twice: nobody sees what they type. */
export function NewPasswordFields(props: { label: string; hint: string; faults: NewPasswordFaults }) {
  const t = useTranslations('newPassword');
  const { label, hint, faults } = props;
  const common = { type: 'password', autoComplete: 'new-password', required: true } as const;
  return (
    <>
      <TextField {...common} name="password" label={label} hint={hint} fault={faults.password} />
      <TextField {...common} name="again" label={t('again')} fault={faults.again} />
    </>
  );
}
