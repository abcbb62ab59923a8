import type { FiguraDto } from '#lib/api/schemas.ts';
import { SERVICE_COLUMNS } from '#lib/figura/figura.ts';
import { foldName } from '#lib/figura/map-columns.ts';

/** Column of the file -> column of the figura; an empty text: nowhere. */
export type ColumnChoices = Readonly<Record<string, string>>;

/** How a column found its place: `similar` by a name without regard to case and accents, `configured` by the figura's own mapping. */
export type MatchKind = 'exact' | 'similar' | 'remembered' | 'configured' | 'chosen' | 'none';

/** Where a column of the file goes; null: nowhere. */
export interface ColumnMatch {
  source: string;
  target: string | null;
  kind: MatchKind;
}

/** Where all columns of a file go, and what keeps it from being loaded so. */
export interface MatchResult {
  matches: ColumnMatch[];
  ignored: string[];
  missingKeys: string[];
  /** Required for new rows, not in the file; keys are not listed again. */
  missingRequired: string[];
  /** What the figura wants in every file and is not in this one; not listed among the others again. */
  missingDemanded: string[];
  /** Nothing is left to decide: every column goes to the one of its name, or where the figura or the last time say. */
  isSettled: boolean;
  /** What the request has to say; undefined when names alone say it. */
  mapping: Record<string, string> | undefined;
}

export type MatchFigura = Pick<FiguraDto, 'columns' | 'opColumn' | 'mapping' | 'requiredColumns'>;

/** Everything that a column of a file may fill. */
export function targetsOf({ columns, opColumn }: Pick<FiguraDto, 'columns' | 'opColumn'>): string[] {
  const names = columns.map(({ name }) => name);
  return names.includes(opColumn) ? names : [...names, opColumn];
}

/**
 * Matches as the service would (lib/figura/map-columns.ts): what was chosen, what was remembered, what the figura's own
 * mapping says, the very name, the one name that is the same without regard to case and accents. No two columns of the
 * file get the same target.
 */
export function matchColumns(
  columns: readonly string[],
  figura: MatchFigura,
  chosen: ColumnChoices,
  remembered: ColumnChoices = {},
): MatchResult {
  const sources = columns.filter((source) => !SERVICE_COLUMNS.has(source));
  const targets = targetsOf(figura);
  const found = new Map<string, ColumnMatch>();
  const taken = new Set<string>();
  const take = (source: string, target: string | undefined, kind: MatchKind) => {
    if (target === undefined || found.has(source) || taken.has(target) || !targets.includes(target)) return;
    taken.add(target);
    found.set(source, { source, target, kind });
  };
  // Own properties only: a column may be called `constructor`.
  const own = (choices: ColumnChoices, source: string) =>
    Object.hasOwn(choices, source) ? choices[source] : undefined;
  for (const source of sources) take(source, own(chosen, source), 'chosen');
  for (const source of sources) {
    if (own(chosen, source) === undefined) take(source, own(remembered, source), 'remembered');
  }
  for (const source of sources) {
    if (own(chosen, source) === undefined && own(remembered, source) === undefined) {
      take(source, own(figura.mapping, source), 'configured');
    }
  }
  for (const source of sources) take(source, source, 'exact');
  const folded = new Map<string, string[]>();
  for (const target of targets) {
    if (!taken.has(target)) folded.set(foldName(target), [...(folded.get(foldName(target)) ?? []), target]);
  }
  for (const source of sources) {
    const same = found.has(source) ? undefined : folded.get(foldName(source));
    if (same?.length === 1) take(source, same[0], 'similar');
  }
  const left = (source: string): ColumnMatch => {
    const isKnown = own(chosen, source) === undefined && own(remembered, source) === '';
    return { source, target: null, kind: isKnown ? 'remembered' : 'none' };
  };
  const matches = sources.map((source) => found.get(source) ?? left(source));
  const ignored = matches.filter(({ target }) => target === null).map(({ source }) => source);
  const demanded = new Set(figura.requiredColumns);
  const missing = figura.columns.filter(({ name }) => !taken.has(name));
  const said = matches.flatMap(({ source, target }) =>
    target !== null && target !== source ? [[source, target] as const] : [],
  );
  // The figura's own mapping holds for a request that brings none, and only then.
  const usual = Object.entries(figura.mapping).filter(([source]) => sources.includes(source));
  const isUsual = said.length === usual.length && said.every(([source, target]) => figura.mapping[source] === target);
  return {
    matches,
    ignored,
    missingKeys: missing.filter(({ key }) => key).map(({ name }) => name),
    missingRequired: missing
      .filter(({ name, key, required }) => required && !key && !demanded.has(name))
      .map(({ name }) => name),
    missingDemanded: missing.filter(({ name, key }) => demanded.has(name) && !key).map(({ name }) => name),
    isSettled: matches.every(({ kind }) => kind === 'exact' || kind === 'remembered' || kind === 'configured'),
    mapping: isUsual ? undefined : Object.fromEntries(said),
  };
}

/** Column of the file -> column of the figura, for each that goes somewhere. */
export function targetMapOf({ matches }: MatchResult): Record<string, string> {
  return Object.fromEntries(matches.flatMap(({ source, target }) => (target === null ? [] : [[source, target]])));
}

/**
 * The choices after `source` was given `target`: who had the target before gives it up, and is asked about again. An
 * empty target takes a choice back.
 */
export function chooseTarget(choices: ColumnChoices, source: string, target: string): Record<string, string> {
  const others = Object.entries(choices).filter(([other, its]) => other !== source && (its === '' || its !== target));
  return Object.fromEntries([...others, [source, target]]);
}
