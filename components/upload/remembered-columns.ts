import type { ColumnChoices, ColumnMatch, MatchResult } from './match-columns.ts';

const place = (figura: string) => `carga.columns.${figura}`;

/** More columns than this are not worth remembering: storage of a page is small. */
const MAX_REMEMBERED = 500;

/** Where columns went the last time somebody decided that for this figura, in this browser. */
export function rememberedColumns(figura: string): ColumnChoices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(figura)) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    // No storage (private windows), or not what we wrote: then nothing is remembered.
    return {};
  }
}

/** Keeps where columns went that neither names nor the figura's own mapping would have sent there. */
export function rememberColumns(figura: string, { matches }: MatchResult): void {
  const isNews = ({ kind }: ColumnMatch) => kind !== 'exact' && kind !== 'configured';
  const news = matches.filter(isNews).map(({ source, target }) => [source, target ?? '']);
  if (news.length === 0) return;
  try {
    const all = { ...rememberedColumns(figura), ...Object.fromEntries(news) };
    localStorage.setItem(place(figura), JSON.stringify(Object.fromEntries(Object.entries(all).slice(-MAX_REMEMBERED))));
  } catch {
    // See above.
  }
}
