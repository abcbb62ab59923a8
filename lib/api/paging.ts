import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { PageDto } from './schemas.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** `?limit=` of a list. */
export const limitSchema = z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT);

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

/** A page of `limit` items out of `limit + 1` rows, with the `Link` header its caller sends. */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  url: URL,
  publicUrl: string,
  toItem: (row: Row) => T,
  positionOf: (row: Row) => (string | number)[],
): { page: PageDto<T>; headers: Record<string, string> } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null;
  const headers: Record<string, string> = {};
  if (nextCursor !== null) {
    const next = new URL(url.pathname + url.search, publicUrl);
    next.searchParams.set('cursor', nextCursor);
    headers.link = `<${next.href}>; rel="next"`;
  }
  return { page: { items: shown.map(toItem), nextCursor }, headers };
}
