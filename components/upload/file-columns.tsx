'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Icon } from '#components/ui/icon.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import type { FiguraDto } from '#lib/api/schemas.ts';
import { type ColumnMatch, type MatchResult, targetsOf } from './match-columns.ts';
import type { ChosenSample } from './prepare-file.ts';

/** More lines than this are a mistake in the file (keys used as data), and would make the page slow. */
const MAX_LINES = 300;
const EXAMPLES = 3;

/** Which column of the file goes where, with samples of it, and what the figura misses. */
export function FileColumns(props: {
  sample: ChosenSample;
  figura: FiguraDto;
  match: MatchResult;
  isFixed: boolean;
  isPartialFine: boolean;
  onChoose: (source: string, target: string) => void;
  onPartial: (isFine: boolean) => void;
}) {
  const t = useTranslations('upload.columns');
  const { sample, figura, match, isFixed } = props;
  const lines = match.matches.slice(0, MAX_LINES);
  return (
    <div className="grid gap-3">
      <Missing {...props} />
      <Table caption={t('title')}>
        <thead>
          <tr>
            <HeadCell>{t('source')}</HeadCell>
            <HeadCell className="hidden md:table-cell">{t('examples')}</HeadCell>
            <HeadCell>{t('target')}</HeadCell>
            <HeadCell className="hidden sm:table-cell">{t('how')}</HeadCell>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const examples = examplesOf(sample, line.source);
            return (
              <Row key={line.source}>
                <Cell className="wrap-anywhere font-mono text-sm">
                  {line.source === '' ? <span className="text-muted">{t('unnamed')}</span> : line.source}
                  <p className="font-sans text-muted md:hidden">{examples}</p>
                </Cell>
                <Cell className="hidden max-w-72 truncate font-mono text-muted text-sm md:table-cell">{examples}</Cell>
                <Cell>
                  <TargetSelect line={line} figura={figura} isFixed={isFixed} onChoose={props.onChoose} />
                  <p className="mt-1 text-muted text-sm sm:hidden">{t(`kinds.${line.kind}`)}</p>
                </Cell>
                <Cell className="hidden text-sm sm:table-cell">
                  {line.kind === 'similar' || line.target === null ? (
                    <Badge
                      tone={line.target === null ? 'neutral' : 'warn'}
                      icon={line.target === null ? 'skip' : 'info'}
                    >
                      {t(`kinds.${line.target === null ? 'none' : 'similar'}`)}
                    </Badge>
                  ) : (
                    <span className="text-muted">{t(`kinds.${line.kind}`)}</span>
                  )}
                </Cell>
              </Row>
            );
          })}
        </tbody>
      </Table>
      {match.matches.length > MAX_LINES ? (
        <p className="text-muted text-sm">{t('more', { count: match.matches.length - MAX_LINES })}</p>
      ) : null}
      {match.ignored.length > 0 ? (
        <p className="wrap-anywhere text-muted text-sm">
          {t('ignored', { count: match.ignored.length, names: match.ignored.slice(0, 20).join(', ') })}
        </p>
      ) : null}
    </div>
  );
}

function Missing(props: Parameters<typeof FileColumns>[0]) {
  const t = useTranslations('upload.columns');
  const { missingKeys, missingRequired, missingDemanded } = props.match;
  if ([missingKeys, missingRequired, missingDemanded].every((names) => names.length === 0)) return null;
  return (
    <div role="status" className="grid gap-2 rounded-box border border-bad p-3">
      {missingKeys.length > 0 ? (
        <p className="flex items-start gap-2 text-bad">
          <Icon name="alert" className="mt-1" />
          <span className="wrap-anywhere">{t('missingKeys', { names: missingKeys.join(', ') })}</span>
        </p>
      ) : null}
      {missingDemanded.length > 0 ? (
        <p className="flex items-start gap-2 text-bad">
          <Icon name="alert" className="mt-1" />
          <span className="wrap-anywhere">{t('missingDemanded', { names: missingDemanded.join(', ') })}</span>
        </p>
      ) : null}
      {missingRequired.length > 0 ? (
        <>
          <p className="flex items-start gap-2 text-bad">
            <Icon name="alert" className="mt-1" />
            <span className="wrap-anywhere">{t('missingRequired', { names: missingRequired.join(', ') })}</span>
          </p>
          <label className="flex min-h-8 cursor-pointer items-start gap-2">
            <input
              type="checkbox"
              className="mt-1 size-4 shrink-0"
              checked={props.isPartialFine}
              disabled={props.isFixed}
              onChange={(event) => props.onPartial(event.target.checked)}
            />
            {t('partial')}
          </label>
        </>
      ) : null}
    </div>
  );
}

function TargetSelect(props: {
  line: ColumnMatch;
  figura: FiguraDto;
  isFixed: boolean;
  onChoose: (source: string, target: string) => void;
}) {
  const t = useTranslations('upload.columns');
  const { line, figura } = props;
  const columns = new Map(figura.columns.map((column) => [column.name, column]));
  // The service sends a column to the one of its name by itself: nothing a request says would keep it from that.
  const canGoNowhere = line.kind !== 'exact' && line.kind !== 'similar';
  return (
    <select
      aria-label={t('targetOf', { source: line.source })}
      className="min-h-9 w-full min-w-32 rounded-control border border-line-strong bg-surface px-2 py-1 text-ink disabled:opacity-60"
      value={line.target ?? ''}
      disabled={props.isFixed}
      onChange={(event) => props.onChoose(line.source, event.target.value)}
    >
      {canGoNowhere ? <option value="">{t('nowhere')}</option> : null}
      {targetsOf(figura).map((name) => {
        const column = columns.get(name);
        const notes = [
          column === undefined ? t('operation') : column.type,
          column?.key ? t('key') : column?.required ? t('required') : null,
        ];
        return (
          <option key={name} value={name}>
            {name} ({notes.filter(Boolean).join(', ')})
          </option>
        );
      })}
    </select>
  );
}

/** The first different values of a column, as they stand in the file. */
function examplesOf(sample: ChosenSample, source: string): string {
  const index = sample.columns.findIndex(({ name }) => name === source);
  const values = new Set<string>();
  for (const row of sample.rows) {
    const value = row[index];
    if (value !== null && value !== undefined && values.size < EXAMPLES) values.add(value.slice(0, 40));
  }
  return [...values].join(' · ');
}
