'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { CopyButton } from '#components/ui/copy-button.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { chosenFile } from './file-name.ts';

/** The file, who sent it, when, and with which options. */
export function JobFacts({ job }: { job: JobDto }) {
  const t = useTranslations('job.facts');
  const format = useFormats();
  const { file, options } = job;
  const chosen = chosenFile(file.name);
  const mapping = Object.entries((options.mapping ?? {}) as Record<string, string>);
  return (
    <dl className="grid gap-x-4 gap-y-2 sm:grid-cols-[8rem_1fr]">
      <Fact name={t('figura')}>
        <Link href={`/figuras/${job.figura}`} className="text-accent underline">
          {job.figura}
        </Link>
      </Fact>
      <Fact name={t('file')}>
        {chosen.name} <span className="text-muted">({chosen.isConverted ? t('sentAsParquet') : file.format})</span>
      </Fact>
      <Fact name={t('size')}>
        {format.bytes(file.size)}{' '}
        {file.size < 1024 ? null : <span className="text-muted">({t('bytes', { count: file.size })})</span>}
      </Fact>
      <Fact name="SHA-256">
        {file.sha256 === null ? (
          <span className="text-muted">{t('afterReading')}</span>
        ) : (
          <Code text={file.sha256} name="SHA-256" />
        )}
      </Fact>
      <Fact name="ETag">
        <Code text={file.etag} name="ETag" />
      </Fact>
      <Fact name={t('author')}>
        {job.createdBy.name} <span className="text-muted">({t(`kinds.${job.createdBy.kind}`)})</span>
      </Fact>
      <Fact name={t('created')}>
        <Moment at={job.createdAt} isFull />
      </Fact>
      {job.finishedAt === null ? null : (
        <Fact name={t('finished')}>
          <Moment at={job.finishedAt} isFull />
        </Fact>
      )}
      <Fact name={t('attempts')}>
        {format.number(job.attempts)}
        {job.attempts > 1 ? ` (${t('resumed')})` : null}
      </Fact>
      {options.mode === 'merge' || options.mode === 'append' || options.mode === 'snapshot' ? (
        <Fact name={t('mode')}>{t(`modes.${options.mode}`)}</Fact>
      ) : null}
      {mapping.length > 0 ? (
        <Fact name={t('mapping')}>
          {mapping.map(([source, target]) => (
            <span key={source} className="block break-all font-mono text-sm">
              {source} → {target}
            </span>
          ))}
        </Fact>
      ) : null}
      {options.onError === 'skip' || options.onError === 'abort' ? (
        <Fact name={t('onError')}>{t(`onErrors.${options.onError}`)}</Fact>
      ) : null}
      <Fact name={t('id')}>
        <Code text={job.id} name={t('id')} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="sm:contents">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

function Code({ text, name }: { text: string; name: string }) {
  const t = useTranslations('common');
  return (
    <span className="flex items-center gap-x-1">
      <code className="min-w-0 break-all font-mono text-sm">{text}</code>
      <CopyButton isIconOnly text={text} label={`${t('copy')}: ${name}`} />
    </span>
  );
}
