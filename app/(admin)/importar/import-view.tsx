'use client';

import { useRouter, useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { Button, ButtonLink } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { SelectField } from '#components/ui/field.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { checkFile } from '#components/upload/check-file.ts';
import { DropZone } from '#components/upload/drop-zone.tsx';
import { type ImportChoices, ImportOptions } from '#components/upload/import-options.tsx';
import { MappingStep } from '#components/upload/mapping-step.tsx';
import { chooseTarget, type MatchResult, matchColumns } from '#components/upload/match-columns.ts';
import { prepareFile } from '#components/upload/prepare-file.ts';
import { rememberColumns, rememberedColumns } from '#components/upload/remembered-columns.ts';
import { sendFile } from '#components/upload/send-file.ts';
import { UploadList } from '#components/upload/upload-list.tsx';
import { isMoving, type UploadItem, UploadQueue } from '#components/upload/upload-queue.ts';
import { useLeaveWarning } from '#components/upload/use-leave-warning.ts';
import { usePageDrop } from '#components/upload/use-page-drop.ts';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { FiguraDto } from '#lib/api/schemas.ts';
import { SeenBefore } from './seen-before.tsx';

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
  const [queue] = useState(() => new UploadQueue(prepareFile));
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
  const [own, setOwn] = useState<Partial<ImportChoices>>({});
  const [isFiguraMissing, setIsFiguraMissing] = useState(false);
  const figura = figuras.find(({ name }) => name === chosen);
  const hasKey = figura === undefined || figura.key.length > 0;
  const choices: ImportChoices = {
    mode: hasKey ? (own.mode ?? 'merge') : 'append',
    onError: own.onError ?? figura?.onError ?? 'skip',
    isDryRun: own.isDryRun ?? false,
  };
  const maxBytes = figura?.limits.maxFileBytes ?? null;
  // Another figura is another question, also where its limit is the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const check = useCallback((file: File) => checkFile(file, maxBytes), [maxBytes, chosen]);
  const add = (files: File[]) => void queue.add(files, check);
  const isOver = usePageDrop(add);
  const matchOf = useMatches(figura);
  const ready = items.filter((item) => item.step === 'ready');
  const isReading = items.some(({ step }) => step === 'reading' || step === 'checking');
  const isBusy = items.some((item) => isMoving(item.step));
  const isBlocked = ready.some((item) => blocks(item, matchOf(item), figura, choices));
  useLeaveWarning(isBusy, t('leave'));
  useEffect(() => {
    void queue.recheck(check);
  }, [queue, check]);
  useEffect(() => () => queue.close(), [queue]);

  async function start() {
    if (!figura) {
      setIsFiguraMissing(true);
      document.getElementById('figura')?.focus();
      return;
    }
    const { jobIds, isAllDone } = await queue.start(figura.name, (item, source, on, signal) => {
      const match = matchOf(item);
      if (match) rememberColumns(figura.name, match);
      const { onError, mode, isDryRun } = choices;
      const options = { onError, mode, mapping: match?.mapping, ...(isDryRun ? { dryRun: true } : {}) };
      return sendFile(client, figura.name, item, source, options, on, signal);
    });
    // With a failure among them the page stays: its reason stands here.
    if (!isAllDone || jobIds.length === 0) return;
    router.push(jobIds.length === 1 ? `/cargas/${figura.name}/${jobIds[0]}` : `/cargas?figura=${figura.name}`);
  }

  function details(item: UploadItem) {
    const match = matchOf(item);
    if (!figura || item.step === 'done' || item.step === 'refused') return null;
    return (
      <>
        {item.step === 'ready' ? <SeenBefore figura={figura.name} fileName={item.file.name} /> : null}
        {item.sample && match ? (
          <MappingStep
            key={figura.name}
            sample={item.sample}
            figura={figura}
            match={match}
            isFixed={isMoving(item.step)}
            isPartialFine={item.isPartialFine}
            onChoose={(source, target) => queue.choose(item.key, chooseTarget(item.choices, source, target))}
            onPartial={(isFine) => queue.allowPartial(item.key, isFine)}
          />
        ) : null}
      </>
    );
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
          setOwn({});
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
          details={details}
          onCancel={(key) => queue.cancel(key)}
          onRemove={(key) => queue.remove(key)}
          onAgain={(key) => {
            queue.again(key);
            if (queue.items.find((item) => item.key === key)?.step === 'ready') void start();
          }}
          onReadingChange={(key, change) => queue.changeReading(key, change)}
        />
      )}
      <ImportOptions
        choices={choices}
        hasKey={hasKey}
        onChange={(change) => setOwn((before) => ({ ...before, ...change }))}
      />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button
          look="primary"
          icon="upload"
          isBusy={isBusy}
          disabled={!isBusy && (ready.length === 0 || isReading || isBlocked)}
          aria-describedby={isBlocked ? 'blocked' : undefined}
          onClick={start}
        >
          {isBusy ? t('busy') : startLabel(t, ready, choices.isDryRun)}
        </Button>
        {isBlocked ? (
          <p id="blocked" className="text-bad">
            {t('blocked')}
          </p>
        ) : null}
      </div>
    </div>
  );
}

/** What the button does, in rows where all are counted. */
function startLabel(t: ReturnType<typeof useTranslations<'upload'>>, ready: UploadItem[], isDryRun: boolean): string {
  if (ready.length === 0) return t('startNone');
  if (!ready.every(({ sample }) => sample !== null)) {
    return t(isDryRun ? 'simulateFiles' : 'startFiles', { count: ready.length });
  }
  const count = ready.reduce((sum, { sample }) => sum + (sample?.rowCount ?? 0), 0);
  return t(isDryRun ? 'simulateRows' : 'startRows', { count });
}

/** Whether the service would refuse the file as it is. */
function blocks(
  item: UploadItem,
  match: MatchResult | null,
  figura: FiguraDto | undefined,
  choices: ImportChoices,
): boolean {
  if (!match) return false;
  if (figura?.unknownColumns === 'reject' && match.ignored.length > 0) return true;
  if (choices.mode !== 'append' && match.missingKeys.length > 0) return true;
  return match.missingRequired.length > 0 && !item.isPartialFine;
}

/** Gives where an item's columns go; thought through again only when the file, the figura or a choice is another. */
function useMatches(figura: FiguraDto | undefined): (item: UploadItem) => MatchResult | null {
  return useMemo(() => {
    const remembered = figura ? rememberedColumns(figura.name) : {};
    const known = new Map<number, Pick<UploadItem, 'sample' | 'choices'> & { result: MatchResult }>();
    return ({ key, sample, choices }) => {
      if (!figura || !sample) return null;
      const before = known.get(key);
      if (before?.sample === sample && before.choices === choices) return before.result;
      const names = sample.columns.map(({ name }) => name);
      const result = matchColumns(names, figura, choices, remembered);
      known.set(key, { sample, choices, result });
      return result;
    };
  }, [figura]);
}
