import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { PageDto } from './schemas.ts';

/** Which part of a list is asked for. */
export interface PageRequest {
  limit: number;
  cursor: string | null;
}

/** Whether a text is an id of ours; PostgreSQL would answer anything else with an error. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** Where the next page begins, as a text nobody needs to understand. */
export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws AppError `invalid_cursor` */
export function decodeCursor<T extends z.ZodType>(cursor: string | null, schema: T): z.infer<T> | null {
  if (cursor === null || cursor === '') return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (error) {
    throw new AppError('invalid_cursor', 'not a cursor of ours', { cause: error });
  }
}

const idCursor = z.tuple([z.uuid()]);

/** What Prisma needs for a page of a list, newest first, of things that are never deleted; one more than the limit. */
export function newestFirst({ cursor, limit }: PageRequest) {
  const position = decodeCursor(cursor, idCursor);
  return {
    orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }],
    take: limit + 1,
    ...(position ? { cursor: { id: position[0] }, skip: 1 } : {}),
  };
}

/** Position of an item in such a list. */
export function idPosition({ id }: { id: string }): [string] {
  return [id];
}

/** A page of `limit` items out of `limit + 1` rows, with the `Link` header its caller sends. */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  call: { url: URL; env: { PUBLIC_URL: string } },
  toItem: (row: Row) => T,
  positionOf: (row: Row) => (string | number)[],
): { page: PageDto<T>; headers: Record<string, string> } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null;
  return { page: { items: shown.map(toItem), nextCursor }, headers: linkToNext(nextCursor, call) };
}

/** The `Link` header that leads to the next page. */
export function linkToNext(
  nextCursor: string | null,
  { url, env }: { url: URL; env: { PUBLIC_URL: string } },
): Record<string, string> {
  if (nextCursor === null) return {};
  const next = new URL(url.pathname + url.search, env.PUBLIC_URL);
  next.searchParams.set('cursor', nextCursor);
  return { link: `<${next.href}>; rel="next"` };
}
