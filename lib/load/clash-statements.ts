import { ident } from '../db/identifiers.ts';
import type { Uniqueness } from '../figura/figura.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import { keyMatch } from './merge-statement.ts';

// A row's *claim* is what it takes of a thing that no two rows may share: `e1`, `e2`, … one per element.

/** `e1, e2, …`, each behind an alias. */
export function elementList({ elements }: Uniqueness, alias: string): string {
  return elements.map((_element, index) => `${alias}.e${index + 1}`).join(', ');
}

/** The elements over columns called as the table's; a row without a claim is left out. */
function elementsOf({ elements, predicate, isNullsNotDistinct }: Uniqueness, columns: string): string {
  const values = elements.map(({ expression }, index) => `(${expression}) as e${index + 1}`);
  const isClaim = [
    ...(predicate === null ? [] : [`(${predicate})`]),
    ...(isNullsNotDistinct ? [] : elements.map(({ expression }) => `(${expression}) is not null`)),
  ];
  const where = isClaim.length === 0 ? '' : ` where ${isClaim.join(' and ')}`;
  return `select ${values.join(', ')} from (select ${columns}) as candidate${where}`;
}

/** Query of the claims that the staged rows will have: `n`, the elements, and the key as `k1`, `k2`, …. */
export function fileClaims(plan: LoadPlan, uniqueness: Uniqueness): string {
  const staged = new Map(plan.columns.map((column) => [column.target.name, `s.${column.stage}`]));
  // What the file does not bring stays as it is in the table; of a new row it is NULL.
  const columns = uniqueness.columns.map((name) => `${staged.get(name) ?? `t.${ident(name)}`} as ${ident(name)}`);
  const isWhole = uniqueness.columns.every((name) => staged.has(name));
  const isNew = plan.mode === 'append' ? 'false' : keyMatch(plan);
  const keys =
    plan.mode === 'append' ? [] : keyColumns(plan).map(({ stage }, index) => `, s.${stage} as k${index + 1}`);
  return `select s.n${keys.join('')}, ${elementList(uniqueness, 'v')}
            from ${plan.stage} s${isWhole ? '' : ` left join ${plan.target} t on ${isNew}`}
           cross join lateral (${elementsOf(uniqueness, columns.join(', '))}) as v
           where ${plan.opSource === null ? 'true' : `s.op is distinct from 'D'`}`;
}

/** Query of the claims that the table's rows have: the elements and the key. */
export function tableClaims(plan: LoadPlan, uniqueness: Uniqueness): string {
  const columns = uniqueness.columns.map((name) => `t.${ident(name)} as ${ident(name)}`);
  const keys =
    plan.mode === 'append'
      ? []
      : keyColumns(plan).map(({ target }, index) => `t.${ident(target.name)} as k${index + 1}, `);
  return `select ${keys.join('')}${elementList(uniqueness, 'v')}
            from ${plan.target} t cross join lateral (${elementsOf(uniqueness, columns.join(', '))}) as v`;
}

/** Whether two claims clash. */
export function isClash(uniqueness: Uniqueness, one: string, other: string): string {
  // Compared as records NULL equals NULL, and a merge join can do it.
  if (uniqueness.isNullsNotDistinct) {
    return `row(${elementList(uniqueness, one)})::record = row(${elementList(uniqueness, other)})::record`;
  }
  return uniqueness.elements
    .map(({ operator }, index) => `${one}.e${index + 1} ${operator} ${other}.e${index + 1}`)
    .join(' and ');
}

/** What is claimed, as it is shown. */
export function claimText({ elements }: Uniqueness, alias: string): string {
  return `concat_ws(', ', ${elements.map((_element, index) => `${alias}.e${index + 1}::text`).join(', ')})`;
}

/** Whether both rows have the same key. */
export function isSameKey(plan: LoadPlan, one: string, other: string): string {
  if (plan.mode === 'append') return 'false';
  return keyColumns(plan)
    .map((_column, index) => `${one}.k${index + 1} = ${other}.k${index + 1}`)
    .join(' and ');
}
