import type { Figura, FiguraColumn } from './figura.ts';

function exampleText(column: FiguraColumn): string {
  const [, length] = /^character(?: varying)?\((\d+)\)$/.exec(column.type) ?? [];
  return 'exemplo'.slice(0, length ? Number(length) : undefined);
}

function exampleNumber(column: FiguraColumn): string {
  const [, precision = '3', scale = '0'] = /^numeric\((\d+),(\d+)\)$/.exec(column.type) ?? [];
  const fraction = Number(scale) > 0 ? `.${'5'.padEnd(Number(scale), '0')}` : '';
  return `${Number(precision) > Number(scale) ? 1 : 0}${fraction}`;
}

/** Types without a category of their own, and a value that each takes. */
const OTHER_EXAMPLES: [RegExp, string][] = [
  [/^uuid$/, '00000000-0000-4000-8000-000000000001'],
  [/^time/, '12:00:00'],
  [/^interval/, '1 day'],
  [/^(inet|cidr)$/, '192.0.2.1'],
  [/^macaddr/, '08:00:2b:01:02:03'],
  [/range$/, 'empty'],
  [/^(citext|name|xml)$/, 'exemplo'],
  [/^bit/, '1'],
  [/^money$/, '1'],
];

/**
 * A value that the column's type takes, as it would stand in a JSON file; null where none is known, as for an enum.
 * What the table's constraints want, nobody can guess.
 */
function exampleValue(column: FiguraColumn): unknown {
  switch (column.category) {
    case 'integer':
      return 1;
    case 'number':
      return exampleNumber(column);
    case 'boolean':
      return true;
    case 'date':
      return '2026-01-31';
    case 'timestamp':
      return '2026-01-31T12:00:00Z';
    case 'json':
      return {};
    case 'array':
    case 'integerArray':
    case 'jsonArray':
      return [];
    case 'bytea':
      return '\\x00';
    case 'text':
      return exampleText(column);
    case 'other':
      return OTHER_EXAMPLES.find(([type]) => type.test(column.type))?.[1] ?? null;
  }
}

/** Every column that a figura's files may bring, in the table's order. */
export function exampleColumns(figura: Figura): FiguraColumn[] {
  return figura.table.columns.filter(
    ({ name, isGenerated, isIdentityAlways }) =>
      !isGenerated && (!isIdentityAlways || figura.requiredColumns.includes(name)),
  );
}

/** A row of a figura's files with every column that a file may bring, in the table's order. */
export function exampleRow(figura: Figura): Record<string, unknown> {
  return Object.fromEntries(exampleColumns(figura).map((column) => [column.name, exampleValue(column)]));
}
