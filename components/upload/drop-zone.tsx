'use client';

import { useTranslations } from 'next-intl';
import { useId, useRef } from 'react';
import { classNames } from '#components/ui/class-names.ts';
import { Icon } from '#components/ui/icon.tsx';
import { useFormats } from '#components/use-formats.ts';

/** Where files are chosen: a button that also shows that the page takes drops. Formats and limit stand on it. */
export function DropZone(props: { maxBytes: number | null; isOver: boolean; onFiles: (files: File[]) => void }) {
  const t = useTranslations('upload');
  const format = useFormats();
  const input = useRef<HTMLInputElement>(null);
  const hintId = useId();
  return (
    <div>
      <button
        type="button"
        onClick={() => input.current?.click()}
        aria-describedby={hintId}
        className={classNames(
          'grid w-full justify-items-center gap-2 rounded-box border-2 border-dashed px-4 py-10 text-center',
          props.isOver ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:bg-accent-soft',
        )}
      >
        <Icon name="upload" isLarge className="text-accent" />
        <span className="font-semibold text-lg">{props.isOver ? t('dropNow') : t('choose')}</span>
        <span id={hintId} className="text-muted">
          {t('formats')}
          {props.maxBytes === null ? null : ` ${t('limit', { size: format.bytes(props.maxBytes) })}`}
          <span className="block">{t('ahead')}</span>
        </span>
      </button>
      <input
        ref={input}
        type="file"
        multiple
        accept=".xlsx,.xlsm,.csv,.tsv,.txt,.json,.ndjson,.jsonl,.parquet,.avro"
        // The button is what people and readers meet; this one only opens the browser's dialog.
        tabIndex={-1}
        aria-hidden="true"
        className="sr-only"
        onChange={(event) => {
          props.onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again after it was mended.
          event.target.value = '';
        }}
      />
    </div>
  );
}
