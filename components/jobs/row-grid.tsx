'use client';

import { createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useTranslations } from 'next-intl';
import { type CSSProperties, useEffect, useMemo, useRef } from 'react';
import { classNames } from '#components/ui/class-names.ts';
import { Icon } from '#components/ui/icon.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { RowDto } from '#lib/api/schemas.ts';
import type { MendedRow } from '#lib/job/mended-file.ts';

/** What a row is as high as until it has been drawn. */
const ROW_PX = 44;
/** What the grid is as high as at most; before it is measured, and on the server, it is drawn as if it were. */
const GRID_PX = 512;
/** Rows drawn beyond the edge, so that scrolling by keyboard finds the next one. */
const OVERSCAN = 8;
/** So many rows before the end the next page is asked for. */
const AHEAD_ROWS = 20;

const STACKED_CELL = 'max-sm:block max-sm:px-1 max-sm:text-left';

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, RowDto>();

/** Rejected or skipped rows as they came, only those in sight drawn; with `onEdit` their cells are fields. */
export function RowGrid(props: {
  caption: string;
  rows: RowDto[];
  /** How many there are in all; null where a filter hides some of them. */
  rowCount: number | null;
  hasMore: boolean;
  onMore: () => void;
  mended: Readonly<Record<number, MendedRow>>;
  onEdit: ((row: RowDto, column: string, text: string) => void) | null;
}) {
  const t = useTranslations('job.faults');
  const format = useFormats();
  const scrollRef = useRef<HTMLDivElement>(null);
  const names = useMemo(
    () => [...new Set(props.rows.flatMap((row) => row.cells?.map(({ column }) => column) ?? []))],
    [props.rows],
  );
  const columns = useMemo(
    () =>
      helper.columns([
        helper.accessor('row', { id: '#row', header: t('row') }),
        helper.display({ id: '#reason', header: t('reason') }),
        ...names.map((name) => helper.display({ id: `c ${name}`, header: name })),
      ]),
    [names, t],
  );
  const table = useTable({ features, columns, data: props.rows, getRowId: (row: RowDto) => String(row.row) });
  const rows = table.getRowModel().rows;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: OVERSCAN,
    initialRect: { width: 0, height: GRID_PX },
  });
  const drawn = virtualizer.getVirtualItems();
  const { hasMore, onMore } = props;
  const lastDrawn = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastDrawn >= rows.length - AHEAD_ROWS) onMore();
  }, [hasMore, onMore, lastDrawn, rows.length]);
  // On a narrow screen the fields of a row stand below each other: a person sees what is wrong and where to mend it.
  const isStacked = props.onEdit !== null;
  const above = drawn[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <section
      ref={scrollRef}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={props.caption}
      className="relative max-h-[32rem] overflow-auto rounded-box border bg-surface"
    >
      <table
        aria-rowcount={(props.rowCount ?? (hasMore ? -2 : rows.length)) + 1}
        className={classNames(
          'w-full table-fixed border-collapse text-left',
          isStacked ? 'max-sm:block sm:min-w-(--grid-width)' : 'min-w-(--grid-width)',
        )}
        style={{ '--grid-width': `${24 + names.length * 9}rem` } as CSSProperties}
      >
        <caption className="sr-only">{props.caption}</caption>
        <thead className={classNames('sticky top-0 z-10', isStacked && 'max-sm:hidden')}>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map((header, index) => (
                <th
                  key={header.id}
                  scope="col"
                  className={classNames(
                    'wrap-anywhere border-b bg-sunken px-3 py-2 align-bottom font-medium text-muted text-sm',
                    index === 0 ? 'w-16 text-right sm:w-24' : index === 1 ? 'w-56 sm:w-72' : 'font-mono',
                  )}
                >
                  {String(header.column.columnDef.header)}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody className={isStacked ? 'max-sm:block' : undefined}>
          {above > 0 ? <Spacer height={above} /> : null}
          {drawn.map(({ index, key }) => {
            const row = rows[index]?.original;
            if (row === undefined) return null;
            return (
              <tr
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                aria-rowindex={index + 2}
                className={classNames('border-t align-top', isStacked && 'max-sm:block max-sm:px-2 max-sm:py-3')}
              >
                <td className={classNames('px-3 py-2 text-right text-muted', isStacked && STACKED_CELL)}>
                  {isStacked ? <span className="sm:hidden">{t('row')} </span> : null}
                  {format.number(row.row)}
                </td>
                <td className={classNames('wrap-anywhere px-3 py-2', isStacked && STACKED_CELL)}>
                  <Reasons row={row} />
                </td>
                {names.map((name) => (
                  <DataCell
                    key={name}
                    row={row}
                    column={name}
                    edited={props.mended[row.row]?.edits[name]}
                    onEdit={props.onEdit}
                  />
                ))}
              </tr>
            );
          })}
          {below > 0 ? <Spacer height={below} /> : null}
        </tbody>
      </table>
    </section>
  );
}

/** Stands for the rows that are not drawn. */
function Spacer({ height }: { height: number }) {
  return (
    <tr className="max-sm:block">
      <td className="max-sm:block" style={{ height, padding: 0 }} />
    </tr>
  );
}

function Reasons({ row }: { row: RowDto }) {
  const t = useTranslations('job.faults');
  const faults = row.faults.length > 0 ? row.faults : [{ column: row.column, message: row.message }];
  return (
    <ul className="grid gap-1">
      {faults.map((fault, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the faults of a row never change
        <li key={index}>
          <code className="font-mono text-sm">{fault.column ?? t('wholeRow')}</code>
          <span className="block text-sm">{fault.message}</span>
        </li>
      ))}
    </ul>
  );
}

function DataCell(props: {
  row: RowDto;
  column: string;
  edited: string | undefined;
  onEdit: ((row: RowDto, column: string, text: string) => void) | null;
}) {
  const t = useTranslations('job');
  const format = useFormats();
  const { row, column, edited, onEdit } = props;
  const cell = row.cells?.find((found) => found.column === column);
  const isFaulty = row.faults.some((fault) => fault.column === column);
  const isEmpty = edited === undefined && (cell === undefined || cell.kind === 'null' || cell.kind === 'missing');
  const text = edited ?? cell?.text ?? '';
  if (onEdit !== null) {
    return (
      <td className="px-1 py-1 max-sm:block">
        <span aria-hidden="true" className="font-mono text-muted text-sm sm:hidden">
          {column}
        </span>
        <input
          value={text}
          aria-label={t('mend.cell', { column, row: format.number(row.row) })}
          aria-invalid={(isFaulty && edited === undefined) || undefined}
          placeholder={isEmpty ? t('faults.noValue') : undefined}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onEdit(row, column, event.target.value)}
          className={classNames(
            'min-h-9 w-full rounded-control border bg-surface px-2 py-1 font-mono text-sm placeholder:text-muted aria-invalid:border-bad aria-invalid:bg-bad-soft',
            edited === undefined ? 'border-line-strong' : 'border-accent font-semibold',
          )}
        />
      </td>
    );
  }
  return (
    <td
      title={text}
      className={classNames('px-3 py-2 font-mono text-sm', isFaulty ? 'wrap-anywhere bg-bad-soft' : 'truncate')}
    >
      {isFaulty ? (
        <span className="mr-1 text-bad">
          <Icon name="alert" className="inline" />
          <span className="sr-only">{t('faults.faulty')}: </span>
        </span>
      ) : null}
      {isEmpty ? (
        <span className="text-muted">{cell?.kind === 'missing' ? t('faults.missing') : t('faults.noValue')}</span>
      ) : (
        text
      )}
    </td>
  );
}
