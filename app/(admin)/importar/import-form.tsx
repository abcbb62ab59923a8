'use client';

import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { noticeSessionOver } from '#components/access/session-over-event.ts';
import { Button } from '#components/ui/button.tsx';
import { SelectField } from '#components/ui/field.tsx';
import { checkFile } from '#components/upload/check-file.ts';
import { DropZone } from '#components/upload/drop-zone.tsx';
import { FileFaults } from '#components/upload/file-faults.tsx';
import { type ImportChoices, ImportOptions } from '#components/upload/import-options.tsx';
import type { ImportOptionsDto } from '#components/upload/interrupted-uploads.ts';
import { MappingStep } from '#components/upload/mapping-step.tsx';
import { chooseTarget, type MatchResult, matchColumns } from '#components/upload/match-columns.ts';
import { rememberColumns, rememberedColumns } from '#components/upload/remembered-columns.ts';
import { ResumeList } from '#components/upload/resume-list.tsx';
import { sendFile } from '#components/upload/send-file.ts';
import { isMoving, type UploadItem } from '#components/upload/upload-item.ts';
import { UploadList } from '#components/upload/upload-list.tsx';
import { useLeaveWarning } from '#components/upload/use-leave-warning.ts';
import { usePageDrop } from '#components/upload/use-page-drop.ts';
import { useUploadQueue } from '#components/upload/use-upload-queue.ts';
import { useApiClient } from '#components/use-api-client.ts';
import type { FiguraDto } from '#lib/api/schemas.ts';
import { SeenBefore } from './seen-before.tsx';
import { Simulation } from './simulation.tsx';

/** Files on their way to a figura: chosen, read, matched, checked, sent. */
export function ImportForm({ figuras }: { figuras: FiguraDto[] }) {
  const t = useTranslations('upload');
  const router = useRouter();
  const client = useApiClient();
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
  };
  const queue = useUploadQueue(client, figura, choices.mode);
  const items = useSyncExternalStore(
    queue.subscribe,
    () => queue.items,
    () => queue.items,
  );
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
  const isSimulating = items.some((item) => isMoving(item.step) && item.options?.dryRun);
  const isImporting = isBusy && !isSimulating;
  const isReady = !isBusy && ready.length > 0 && !isReading;
  const isBlocked = ready.some((item) => blocks(item, matchOf(item), figura, choices));
  useLeaveWarning(isBusy, t('leave'));
  useEffect(() => {
    void queue.recheck(check);
  }, [queue, check]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rows are held against depends on all of these
  useEffect(() => queue.refreshReports(), [queue, items, figura, choices.mode]);

  function optionsOf(item: UploadItem, isDryRun: boolean): ImportOptionsDto {
    const { onError, mode } = choices;
    return { onError, mode, mapping: matchOf(item)?.mapping, ...(isDryRun ? { dryRun: true } : {}) };
  }

  /** A simulation goes the same way, and leaves everything to be imported afterwards. */
  function start(isDryRun: boolean) {
    if (!figura) {
      setIsFiguraMissing(true);
      document.getElementById('figura')?.focus();
      return;
    }
    queue.ask(figura.name, (item) => {
      const match = matchOf(item);
      if (match) rememberColumns(figura.name, match);
      return optionsOf(item, isDryRun);
    });
    void run();
  }

  async function run() {
    const { jobIds, isAllDone } = await queue.run((item, source, on, signal) =>
      sendFile(client, item, source, on, signal).catch((error) => {
        noticeSessionOver(error);
        throw error;
      }),
    );
    // With a failure among them the page stays: its reason stands here.
    if (!isAllDone || jobIds.length === 0) return;
    const name = queue.items[0]?.figura;
    router.push(jobIds.length === 1 ? `/cargas/${name}/${jobIds[0]}` : `/cargas?figura=${name}`);
  }

  /** What was simulated for other columns, another figura or in another way would mislead. */
  function isSimulated(item: UploadItem): boolean {
    const asked = JSON.stringify(item.simulation?.options);
    return item.figura === figura?.name && asked === JSON.stringify(optionsOf(item, true));
  }

  function details(item: UploadItem) {
    const match = matchOf(item);
    if (!figura || item.step === 'done' || item.step === 'refused') return null;
    const { sample, report } = item;
    return (
      <>
        {item.step === 'ready' ? (
          <SeenBefore figura={figura.name} fileName={item.name} sentBytes={item.sentBytes} />
        ) : null}
        {sample && (report || item.isRechecking) ? (
          <FileFaults report={report} isRechecking={item.isRechecking} onError={choices.onError} />
        ) : null}
        {sample && match ? (
          <MappingStep
            key={figura.name}
            sample={sample}
            rowCount={item.rowCount}
            report={report}
            figura={figura}
            match={match}
            isFixed={isMoving(item.step) || item.step === 'paused'}
            isPartialFine={item.isPartialFine}
            onChoose={(source, target) => queue.choose(item.key, chooseTarget(item.choices, source, target))}
            onPartial={(isFine) => queue.allowPartial(item.key, isFine)}
          />
        ) : null}
        {item.simulation && isSimulated(item) ? (
          <Simulation key={item.simulation.jobId} figura={figura.name} jobId={item.simulation.jobId} />
        ) : null}
      </>
    );
  }

  return (
    <div className="grid gap-5">
      <ResumeList
        onResume={(upload, source) => {
          queue.addInterrupted(upload, source);
          void run();
        }}
        onDiscard={({ figura: name, uploadId }) => {
          if (uploadId !== null) void client.abortUpload(name, uploadId).catch(() => {});
        }}
      />
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
      {figura && items.length === 0 ? (
        <Link
          href={`/figuras/${figura.name}`}
          className="-mt-3 min-h-6 justify-self-start text-accent text-sm underline"
        >
          {t('figuraLayout')}
        </Link>
      ) : null}
      <DropZone maxBytes={maxBytes} isOver={isOver} onFiles={add} />
      {items.length === 0 ? null : (
        <UploadList
          items={items}
          details={details}
          onPause={(key) => queue.pause(key)}
          onResume={(key) => {
            queue.resume(key);
            void run();
          }}
          onCancel={(key) => queue.cancel(key)}
          onRemove={(key) => queue.remove(key)}
          onAgain={(key) => {
            queue.again(key);
            const step = queue.items.find((item) => item.key === key)?.step;
            if (step === 'ready') start(false);
            else if (step === 'waiting') void run();
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
          isBusy={isImporting}
          disabled={!isImporting && (!isReady || isBlocked)}
          aria-describedby={isBlocked ? 'blocked' : undefined}
          onClick={() => start(false)}
        >
          {isImporting ? t('busy') : startLabel(t, ready, choices.onError)}
        </Button>
        <Button
          isBusy={isSimulating}
          disabled={!isSimulating && (!isReady || isBlocked)}
          aria-describedby="simulate-hint"
          onClick={() => start(true)}
        >
          {t('simulate')}
        </Button>
        <p id="simulate-hint" className="text-muted text-sm">
          {ready.length === 0 && !isBusy && !isReading ? t('notReady') : t('simulateHint')}
        </p>
        {isBlocked ? (
          <p id="blocked" className="text-bad">
            {t('blocked')}
          </p>
        ) : null}
      </div>
    </div>
  );
}

/** What the button does, in rows where all are counted; without those that are left out. */
function startLabel(
  t: ReturnType<typeof useTranslations<'upload'>>,
  ready: UploadItem[],
  onError: ImportChoices['onError'],
): string {
  if (ready.length === 0) return t('startNone');
  if (!ready.every(({ rowCount }) => rowCount !== null)) {
    return t('startFiles', { count: ready.length });
  }
  const count = ready.reduce((sum, { rowCount, report }) => {
    const leftOut = (onError === 'skip' ? (report?.faultyCount ?? 0) : 0) + (report?.repeatedCount ?? 0);
    return sum + (rowCount ?? 0) - leftOut;
  }, 0);
  return t('startRows', { count });
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
  if (match.missingDemanded.length > 0) return true;
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
