'use client';

import { signIn } from 'next-auth/react';
import { useTranslations } from 'next-intl';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Notice } from '#components/ui/notice.tsx';

type Refusal = 'wrong' | 'tooMany' | 'unreachable' | 'unknown' | 'provider';

/** E-mail and password, or the identity provider. The refusal never says which was wrong, nor who exists. */
export function LoginForm({
  goOnTo,
  provider,
  arrival,
}: {
  goOnTo: string;
  /** What the identity provider is called; null when there is none. */
  provider: string | null;
  /** With which refusal the provider sent the person back. */
  arrival: 'unknown' | 'provider' | null;
}) {
  const t = useTranslations('login');
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(arrival);
  const passwordRef = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    const form = new FormData(event.currentTarget);
    setIsBusy(true);
    setRefusal(null);
    try {
      const answer = await signIn('credentials', {
        redirect: false,
        email: String(form.get('email')),
        password: String(form.get('password')),
      });
      if (answer?.ok && !answer.error) {
        // A whole navigation: nothing that was fetched as somebody else stays in memory.
        window.location.assign(goOnTo);
        return;
      }
      setRefusal(answer?.error === 'too_many_attempts' || answer?.status === 429 ? 'tooMany' : 'wrong');
      passwordRef.current?.select();
    } catch {
      setRefusal('unreachable');
    }
    setIsBusy(false);
  }

  function goToProvider() {
    setIsBusy(true);
    setRefusal(null);
    // A whole navigation, begun by the script: the policy needs no foreign address for forms.
    void signIn('oidc', { callbackUrl: goOnTo }).catch(() => {
      setRefusal('unreachable');
      setIsBusy(false);
    });
  }

  return (
    // POST even before the script is there, so that a password can never end up in an address.
    <form method="post" onSubmit={submit} className="grid gap-4">
      <div role="alert" className="empty:-mb-4">
        {refusal ? (
          <Notice tone="bad" icon="alert">
            {t(refusal)}
          </Notice>
        ) : null}
      </div>
      {/* Not type="email": the first administrator may be admin@localhost, which browsers would let pass but some
          password managers would not fill; the keyboard of phones is chosen by inputMode. */}
      <TextField
        label={t('email')}
        name="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <TextField
        ref={passwordRef}
        label={t('password')}
        name="password"
        type="password"
        autoComplete="current-password"
        required
      />
      <Button type="submit" look="primary" isBusy={isBusy}>
        {t('submit')}
      </Button>
      {provider === null ? null : (
        <Button onClick={goToProvider} isBusy={isBusy}>
          {t('withProvider', { provider })}
        </Button>
      )}
      <p className="text-muted text-sm">{t('forgot')}</p>
    </form>
  );
}
