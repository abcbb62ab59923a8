'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import { CopyButton } from '#components/ui/copy-button.tsx';

/** The secret of a webhook, this once, and how a receiver uses it. */
export function WebhookSecret({ secret, url }: { secret: string; url: string }) {
  const t = useTranslations('webhooks.secret');
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    // What it came from is gone: who works by keyboard or reader goes on here.
    if (secret) ref.current?.focus();
  }, [secret]);
  const code = `import { Webhook } from 'standardwebhooks';\nconst message = new Webhook(process.env.CARGA_WEBHOOK_SECRET).verify(body, headers);`;
  return (
    <section
      ref={ref}
      tabIndex={-1}
      aria-label={t('title')}
      className="grid gap-3 rounded-box border-2 border-accent bg-surface p-4 sm:p-5"
    >
      <h2 className="font-semibold">{t('title')}</h2>
      <p className="wrap-anywhere text-muted text-sm">{url}</p>
      <p>{t('once')}</p>
      <p className="flex flex-wrap items-center gap-2 rounded-control bg-sunken p-3">
        <code className="break-all font-mono">{secret}</code>
        <CopyButton text={secret} label={t('copy')} />
      </p>
      <p className="text-muted text-sm">{t('use')}</p>
      <pre className="whitespace-pre-wrap break-all rounded-control bg-sunken p-3 font-mono text-sm">{code}</pre>
    </section>
  );
}
