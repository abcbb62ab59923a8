import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { type Column, RecordTable } from './record-table.tsx';

type City = { name: string; state: string; people: number | null };

const columns: Column<City>[] = [
  { head: 'Code', from: 'lg', cell: ({ name }) => name.length, fact: () => null },
  { head: 'Name', cell: ({ name }) => name },
  { head: 'State', from: 'sm', cell: ({ state }) => state },
  { head: 'People', from: 'md', isNumber: true, cell: ({ people }) => people ?? '–', fact: ({ people }) => people },
  { head: 'Action', isAction: true, cell: () => 'Go' },
];

const html = (items: City[]) =>
  renderToStaticMarkup(
    createElement(RecordTable<City>, { caption: 'Cities', items, keyOf: ({ name }) => name, columns }),
  );
const cellsOf = (markup: string, tag: string) =>
  [...markup.matchAll(new RegExp(`<${tag}[ >].*?</${tag}>`, 'g'))].map(([cell]) =>
    cell.replace(/<[^>]+>/g, ' ').trim(),
  );

test('what narrow screens leave out stands below the first column that they show', () => {
  const markup = html([
    { name: 'Rio', state: 'RJ', people: 6 },
    { name: 'Nowhere', state: 'XX', people: null },
  ]);
  expect(cellsOf(markup, 'th')).toEqual(['Code', 'Name', 'State', 'People', 'Action']);
  const words = cellsOf(markup, 'td').map((text) => text.replace(/\s+/g, ' '));
  expect(words).toEqual(['3', 'Rio State: RJ People: 6', 'RJ', '6', 'Go', '7', 'Nowhere State: XX', 'XX', '–', 'Go']);
  expect(markup.match(/<div class="mt-0.5 (\w+:hidden)">/g)).toHaveLength(3);
});
