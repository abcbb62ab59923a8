'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { SelectField } from '#components/ui/field.tsx';
import type { IconName } from '#components/ui/icon.tsx';
import { LiveText } from '#components/ui/live-text.tsx';
import { ProgressBar } from '#components/ui/progress-bar.tsx';
import { useFaultText } from '#components/ui/use-fault-text.ts';
import { useFormats } from '#components/use-formats.ts';
import { CsvSettings } from './csv-settings.tsx';
import { isMoving, type UploadItem, type UploadStep } from './upload-item.ts';
import type { UploadQueue } from './upload-queue.ts';

const looks: Record<UploadStep, [Tone, IconName]> = {
  checking: ['neutral', 'turn'],
  refused: ['bad', 'cross'],
  reading: ['accent', 'turn'],
  ready: ['accent', 'file'],
  waiting: ['neutral', 'clock'],
  uploading: ['accent', 'turn'],
  paused: ['warn', 'stop'],
  enqueueing: ['accent', 'turn'],
  done: ['good', 'check'],
  failed: ['bad', 'cross'],
  cancelled: ['neutral', 'stop'],
};

export interface UploadListProps {
  items: readonly UploadItem[];
  onPause: (key: number) => void;
  onResume: (key: number) => void;
  onCancel: (key: number) => void;
  onRemove: (key: number) => void;
  onAgain: (key: number) => void;
  onReadingChange: (key: number, change: Parameters<UploadQueue['changeReading']>[1]) => void;
  /** What else is shown of a file. */
  details: (item: UploadItem) => ReactNode;
}

/** The chosen files: what each is, how far it is, and what can be done about it. */
export function UploadList(props: UploadListProps) {
  const t = useTranslations('upload');
  return (
    <ul aria-label={t('files')} className="grid gap-3">
      {props.items.map((item) => (
        <UploadLine key={item.key} item={item} {...props} />
      ))}
    </ul>
  );
}

function UploadLine({ item, ...actions }: { item: UploadItem } & UploadListProps) {
  const t = useTranslations('upload');
  const format = useFormats();
  const faultText = useFaultText();
  const { key, name, step, checked, progress, rowCount, sheets } = item;
  // An upload of before a reload was read then.
  const isOpen =
    item.file !== null && (step === 'ready' || step === 'reading' || step === 'failed' || step === 'cancelled');
  const hasProgress = isMoving(step) || step === 'reading' || step === 'paused' || item.isRechecking;
  const [tone, icon] = looks[step];
  const state = t(`steps.${step}`);
  return (
    <li className="rounded-box border bg-surface p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 grow basis-52">
          <p className="break-all font-medium">{name}</p>
          <p className="text-muted text-sm">
            {format.bytes(item.size)}
            {checked ? ` · ${t(`formatNames.${checked.format}`)}` : null}
            {rowCount === null ? null : ` · ${t('rowCount', { count: rowCount })}`}
            {isOpen && item.aheadBytes > 0 ? ` · ${t('sentAhead', { size: format.bytes(item.aheadBytes) })}` : null}
          </p>
        </div>
        <Badge tone={tone} icon={icon}>
          {state}
        </Badge>
        <LiveText>{step === 'reading' || step === 'checking' ? '' : `${name}: ${state}`}</LiveText>
        <LineActions item={item} {...actions} />
      </div>
      {isOpen && checked?.csv ? (
        <div className="mt-2">
          <CsvSettings csv={checked.csv} onChange={(csv) => actions.onReadingChange(key, { csv })} />
        </div>
      ) : null}
      {isOpen && sheets.length > 1 ? (
        <SelectField
          label={t('sheet')}
          className="mt-2 max-w-xs"
          value={checked?.sheet ?? 0}
          onChange={(event) => actions.onReadingChange(key, { sheet: Number(event.target.value) })}
        >
          {sheets.map((sheet, index) => (
            <option key={sheet} value={index}>
              {sheet}
            </option>
          ))}
        </SelectField>
      ) : null}
      {actions.details(item)}
      {item.isOffline ? (
        <p role="status" className="mt-2 text-warn">
          {t('offline')}
        </p>
      ) : null}
      {progress && hasProgress ? <LineProgress state={state} progress={progress} /> : null}
      {step === 'refused' || step === 'failed' ? (
        <p className="mt-2 break-words text-bad">{faultText(item.error).text}</p>
      ) : null}
      {step === 'done' && item.jobId ? (
        <Link href={`/cargas/${item.figura}/${item.jobId}`} className="mt-2 inline-block text-accent underline">
          {t('seeJob')}
        </Link>
      ) : null}
    </li>
  );
}

function LineProgress({ state, progress }: { state: string; progress: NonNullable<UploadItem['progress']> }) {
  const t = useTranslations('upload');
  const format = useFormats();
  const { doneBytes, totalBytes, bytesPerSecond } = progress;
  // Of a spreadsheet nobody knows how much text it unpacks to.
  const percent = totalBytes > 0 ? (doneBytes / totalBytes) * 100 : null;
  const facts = [
    percent === null
      ? format.bytes(doneBytes)
      : t('ofBytes', { done: format.bytes(doneBytes), total: format.bytes(totalBytes) }),
    percent === null ? null : `${format.number(Math.floor(percent))} %`,
    bytesPerSecond ? t('speed', { size: format.bytes(bytesPerSecond) }) : null,
    bytesPerSecond && doneBytes < totalBytes
      ? t('left', { time: format.duration(Math.max(1000, ((totalBytes - doneBytes) / bytesPerSecond) * 1000)) })
      : null,
  ].filter(Boolean);
  return (
    <div className="mt-3 grid gap-1">
      <ProgressBar label={state} percent={percent} />
      <p className="text-muted text-sm">{facts.join(' · ')}</p>
    </div>
  );
}

function LineActions({ item, ...actions }: { item: UploadItem } & UploadListProps) {
  const t = useTranslations('upload');
  const { key, step, name } = item;
  const named = (action: string) => `${action}: ${name}`;
  if (isMoving(step) || step === 'paused') {
    return (
      <span className="flex gap-2">
        {step === 'paused' ? (
          <Button isSmall icon="again" onClick={() => actions.onResume(key)} aria-label={named(t('resume'))}>
            {t('resume')}
          </Button>
        ) : step === 'uploading' ? (
          <Button isSmall icon="stop" onClick={() => actions.onPause(key)} aria-label={named(t('pause'))}>
            {t('pause')}
          </Button>
        ) : null}
        <Button isSmall look="quiet" onClick={() => actions.onCancel(key)} aria-label={named(t('cancel'))}>
          {t('cancel')}
        </Button>
      </span>
    );
  }
  return (
    <span className="flex gap-2">
      {step === 'failed' || step === 'cancelled' ? (
        <Button isSmall icon="again" onClick={() => actions.onAgain(key)} aria-label={named(t('again'))}>
          {t('again')}
        </Button>
      ) : null}
      <Button isSmall look="quiet" onClick={() => actions.onRemove(key)} aria-label={named(t('remove'))}>
        {t('remove')}
      </Button>
    </span>
  );
}
