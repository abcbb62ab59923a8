'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Disclosure } from '#components/ui/disclosure.tsx';
import type { FiguraDto } from '#lib/api/schemas.ts';
import type { CheckReport } from './check-rows.ts';
import { FileColumns } from './file-columns.tsx';
import { FilePreview } from './file-preview.tsx';
import type { MatchResult } from './match-columns.ts';
import type { ChosenSample } from './prepare-file.ts';

/**
 * What a file holds and where its columns go. Where names alone decide everything it is one line that can be opened;
 * where something is left to decide it is open, and stays so while it is decided.
 */
export function MappingStep(props: {
  sample: ChosenSample;
  rowCount: number | null;
  report: CheckReport | null;
  figura: FiguraDto;
  match: MatchResult;
  isFixed: boolean;
  isPartialFine: boolean;
  onChoose: (source: string, target: string) => void;
  onPartial: (isFine: boolean) => void;
}) {
  const t = useTranslations('upload.columns');
  const { sample, match } = props;
  const { missingKeys, missingRequired, missingDemanded } = match;
  const hasQuestion =
    !match.isSettled || [missingKeys, missingRequired, missingDemanded].some((names) => names.length > 0);
  const [isOpen] = useState(hasQuestion);
  // A hundred rows are drawn once somebody looks at them: drawing them meanwhile would hold up the page.
  const [isPreviewed, setIsPreviewed] = useState(false);
  const used = match.matches.length - match.ignored.length;
  return (
    <div className="mt-3 grid gap-3">
      <Disclosure
        isOpen={isOpen}
        summary={
          <span className="text-sm">
            {hasQuestion ? t('review', { used, total: match.matches.length }) : t('settled', { count: used })}
          </span>
        }
      >
        <FileColumns {...props} />
      </Disclosure>
      <Disclosure
        summary={<span className="text-sm">{t('preview', { count: sample.rows.length })}</span>}
        onToggle={setIsPreviewed}
      >
        {isPreviewed ? (
          <FilePreview sample={sample} rowCount={props.rowCount ?? sample.rowCount} report={props.report} />
        ) : null}
      </Disclosure>
    </div>
  );
}
