'use client';

import { useTranslations } from 'next-intl';
import { ShownOnce } from '#components/access/shown-once.tsx';

/** The secret of a webhook, this once, and how a receiver uses it. */
export function WebhookSecret({ secret, url }: { secret: string; url: string }) {
  const t = useTranslations('webhooks.secret');
  const code = `import { Webhook } from 'standardwebhooks';\nconst message = new Webhook(process.env.CARGA_WEBHOOK_SECRET).verify(body, headers);`;
  return (
    <ShownOnce
      title={t('title')}
      lead={<p className="wrap-anywhere text-muted text-sm">{url}</p>}
      once={t('once')}
      secret={secret}
      copyLabel={t('copy')}
    >
      <p className="text-muted text-sm">{t('use')}</p>
      <pre className="whitespace-pre-wrap break-all rounded-control bg-sunken p-3 font-mono text-sm">{code}</pre>
    </ShownOnce>
  );
}
