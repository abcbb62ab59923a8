'use client';

import { useRouter, useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { Button, ButtonLink } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { SelectField } from '#components/ui/field.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { checkFile } from '#components/upload/check-file.ts';
import { DropZone } from '#components/upload/drop-zone.tsx';
import { ImportOptions } from '#components/upload/import-options.tsx';
import { sendFile } from '#components/upload/send-file.ts';
import { UploadList } from '#components/upload/upload-list.tsx';
import { isMoving, UploadQueue } from '#components/upload/upload-queue.ts';
import { useLeaveWarning } from '#components/upload/use-leave-warning.ts';
import { usePageDrop } from '#components/upload/use-page-drop.ts';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { FiguraDto } from '#lib/api/schemas.ts';

/** From choosing a figura and files to their jobs. */
export function ImportView({ isAdmin }: { isAdmin: boolean }) {
  const t = useTranslations('upload');
  const figuras = useAllFiguras();
  if (figuras.isPending) return <Skeleton className="h-72 w-full" />;
  if (figuras.isError) return <ErrorState error={figuras.error} onRetry={() => void figuras.refetch()} />;
  if (figuras.data.length === 0) {
    return (
      <EmptyState
        icon="file"
        title={t('noFiguras')}
        lead={isAdmin ? t('noFigurasAdmin') : t('noFigurasUser')}
        action={isAdmin ? <ButtonLink href="/figuras">{t('toFiguras')}</ButtonLink> : null}
      />
    );
  }
  return <ImportForm figuras={figuras.data} />;
}

function ImportForm({ figuras }: { figuras: FiguraDto[] }) {
  const t = useTranslations('upload');
  const router = useRouter();
  const client = useApiClient();
  const [queue] = useState(() => new UploadQueue());
  const items = useSyncExternalStore(
    queue.subscribe,
    () => queue.items,
    () => queue.items,
  );
  const asked = useSearchParams().get('figura');
  const [picked, setPicked] = useState<string | null>(null);
  // An address that names a figura is never answered with another one: rows would go to the wrong table.
  const suggested = asked ?? (figuras.length === 1 ? figuras[0]!.name : '');
  const chosen = picked ?? suggested;
  const [ownOnError, setOwnOnError] = useState<'skip' | 'abort' | null>(null);
  const [isFiguraMissing, setIsFiguraMissing] = useState(false);
  const figura = figuras.find(({ name }) => name === chosen);
  const maxBytes = figura?.limits.maxFileBytes ?? null;
  const onError = ownOnError ?? figura?.onError ?? 'skip';
  const check = useCallback((file: File) => checkFile(file, maxBytes), [maxBytes]);
  const add = (files: File[]) => void queue.add(files, check);
  const isOver = usePageDrop(add);
  const readyCount = items.filter((item) => item.step === 'ready').length;
  const isBusy = items.some((item) => isMoving(item.step));
  useLeaveWarning(isBusy);
  useEffect(() => {
    void queue.recheck(check);
  }, [queue, check]);

  async function start() {
    if (!figura) {
      setIsFiguraMissing(true);
      document.getElementById('figura')?.focus();
      return;
    }
    const { jobIds, isAllDone } = await queue.start({ figura: figura.name, onError }, (...file) =>
      sendFile(client, ...file),
    );
    // With a failure among them the page stays: its reason stands here.
    if (!isAllDone || jobIds.length === 0) return;
    router.push(jobIds.length === 1 ? `/cargas/${figura.name}/${jobIds[0]}` : `/cargas?figura=${figura.name}`);
  }

  return (
    <div className="grid gap-5">
      <SelectField
        id="figura"
        label={t('figura')}
        hint={figura ? t('figuraKey', { key: figura.key.join(', ') || '–' }) : t('figuraHint')}
        fault={isFiguraMissing && !figura ? t('figuraMissing') : undefined}
        className="max-w-md"
        value={figura?.name ?? ''}
        disabled={isBusy}
        onChange={(event) => {
          setPicked(event.target.value);
          setOwnOnError(null);
        }}
      >
        <option value="" disabled>
          {t('figuraChoose')}
        </option>
        {figuras.map(({ name, title }) => (
          <option key={name} value={name}>
            {title === name ? name : `${title} (${name})`}
          </option>
        ))}
      </SelectField>
      <DropZone maxBytes={maxBytes} isOver={isOver} onFiles={add} />
      {items.length === 0 ? null : (
        <UploadList
          items={items}
          onCancel={(key) => queue.cancel(key)}
          onRemove={(key) => queue.remove(key)}
          onAgain={(key) => {
            queue.again(key);
            void start();
          }}
          onCsvChange={(key, change) => queue.changeCsv(key, change)}
        />
      )}
      <ImportOptions onError={onError} onChange={setOwnOnError} />
      <div>
        <Button look="primary" icon="upload" isBusy={isBusy} disabled={readyCount === 0 && !isBusy} onClick={start}>
          {isBusy ? t('busy') : readyCount === 0 ? t('startNone') : t('start', { count: readyCount })}
        </Button>
      </div>
    </div>
  );
}
