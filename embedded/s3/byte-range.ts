import { S3Error } from './s3-error.ts';

/** A stretch of an object: from `start` to just before `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Reads a `Range` header; `undefined` means the whole object: none, several ranges, or not understood. */
export function parseByteRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    if (start >= size) throw notSatisfiable(size);
    return { start, end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw notSatisfiable(size);
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

function notSatisfiable(size: number): S3Error {
  return new S3Error('InvalidRange', 'The requested range is not satisfiable.', { 'content-range': `bytes */${size}` });
}
