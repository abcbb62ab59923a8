import type { ReactNode } from 'react';
import { Cell, HeadCell, Row, Table } from './table.tsx';

const SHOWN_FROM = { sm: 'hidden sm:table-cell', md: 'hidden md:table-cell', lg: 'hidden lg:table-cell' } as const;
const HIDDEN_FROM = { sm: 'mt-0.5 sm:hidden', md: 'mt-0.5 md:hidden', lg: 'mt-0.5 lg:hidden' } as const;

/** What a table of things says of each of them. */
export interface Column<Item> {
  /** Its name, above it. */
  head: string;
  cell: (item: Item) => ReactNode;
  /** Of its cells. */
  className?: string;
  /** At the right, above each other. */
  isNumber?: boolean;
  /** Buttons: at the right, and the name is for screen readers alone. */
  isAction?: boolean;
  /** The narrowest screen that has room for it; narrower ones say `fact` below the first column that they show. */
  from?: keyof typeof SHOWN_FROM;
  /** The cell unless told; what gives null is not said. */
  fact?: (item: Item) => ReactNode;
}

/** A table of things: its columns say all of it, on narrow screens too. */
export function RecordTable<Item>(props: {
  caption: string;
  items: readonly Item[];
  keyOf: (item: Item) => string | number;
  columns: readonly Column<Item>[];
  /** No higher than a plot beside it. */
  isShort?: boolean;
}) {
  const { columns } = props;
  const first = columns.find(({ from }) => from === undefined);
  return (
    <Table caption={props.caption} isShort={props.isShort}>
      <thead>
        <tr>
          {columns.map(({ head, isNumber, isAction, from }) => (
            <HeadCell key={head} isNumber={isNumber} className={from && SHOWN_FROM[from]}>
              {isAction ? <span className="sr-only">{head}</span> : head}
            </HeadCell>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.items.map((item) => (
          <Row key={props.keyOf(item)}>
            {columns.map((column) => (
              <Cell
                key={column.head}
                isNumber={column.isNumber || column.isAction}
                className={`${column.className ?? ''} ${column.from ? SHOWN_FROM[column.from] : ''}`}
              >
                {column.cell(item)}
                {column === first ? <NarrowFacts item={item} columns={columns} /> : null}
              </Cell>
            ))}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function NarrowFacts<Item>({ item, columns }: { item: Item; columns: readonly Column<Item>[] }) {
  const facts = columns.map(({ head, from, cell, fact = cell }) => {
    const value = from === undefined ? null : fact(item);
    return value === null || from === undefined ? null : (
      <div key={head} className={HIDDEN_FROM[from]}>
        <dt className="inline">{head}: </dt>
        <dd className="inline">{value}</dd>
      </div>
    );
  });
  return facts.every((fact) => fact === null) ? null : <dl className="text-muted text-sm">{facts}</dl>;
}
