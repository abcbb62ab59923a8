'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import { CopyButton } from '#components/ui/copy-button.tsx';
import type { CreatedKeyDto } from '#lib/api-client/create-api-client.ts';

/** The secret of a key that was just made, this once, and how programs use it. */
export function KeySecret({ created, origin }: { created: CreatedKeyDto; origin: string }) {
  const t = useTranslations('keys.secret');
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    // The form it came from is gone: who works by keyboard or reader goes on here.
    if (created.id) ref.current?.focus();
  }, [created.id]);
  const examples = [
    [
      'curl',
      `export CARGA_API_KEY='${created.secret}'\ncurl -H "Authorization: Bearer $CARGA_API_KEY" '${origin}/api/jobs'`,
    ],
    [
      'Node',
      `const answer = await fetch('${origin}/api/jobs', {\n  headers: { authorization: \`Bearer \${process.env.CARGA_API_KEY}\` },\n});\nconsole.log(await answer.json());`,
    ],
    [
      'Python',
      `import os, urllib.request\nrequest = urllib.request.Request('${origin}/api/jobs',\n    headers={'Authorization': 'Bearer ' + os.environ['CARGA_API_KEY']})\nprint(urllib.request.urlopen(request).read().decode())`,
    ],
  ] as const;
  return (
    <section
      ref={ref}
      tabIndex={-1}
      aria-label={t('title', { name: created.name })}
      className="grid gap-3 rounded-box border-2 border-accent bg-surface p-4 sm:p-5"
    >
      <h2 className="wrap-anywhere font-semibold">{t('title', { name: created.name })}</h2>
      <p>{t('once')}</p>
      <p className="flex flex-wrap items-center gap-2 rounded-control bg-sunken p-3">
        <code className="break-all font-mono">{created.secret}</code>
        <CopyButton text={created.secret} label={t('copy')} />
      </p>
      <p className="text-muted text-sm">{t('use')}</p>
      {examples.map(([language, code]) => (
        <div key={language}>
          <div className="mb-1 flex items-center justify-between gap-2">
            <h3 className="font-medium text-sm">{language}</h3>
            <CopyButton text={code} label={t('copyExample', { language })} />
          </div>
          <pre className="whitespace-pre-wrap break-all rounded-control bg-sunken p-3 font-mono text-sm">{code}</pre>
        </div>
      ))}
    </section>
  );
}
