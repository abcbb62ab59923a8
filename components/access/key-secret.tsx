'use client';

import { useTranslations } from 'next-intl';
import { CopyButton } from '#components/ui/copy-button.tsx';
import type { CreatedKeyDto } from '#lib/api-client/create-api-client.ts';
import { ShownOnce } from './shown-once.tsx';

/** The secret of a key that was just made, this once, and how programs use it. */
export function KeySecret({ created, origin }: { created: CreatedKeyDto; origin: string }) {
  const t = useTranslations('keys.secret');
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
    <ShownOnce
      title={t('title', { name: created.name })}
      once={t('once')}
      secret={created.secret}
      copyLabel={t('copy')}
    >
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
    </ShownOnce>
  );
}
