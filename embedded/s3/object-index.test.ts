import { describe, expect, it } from 'vitest';
import { compareUtf8, ObjectIndex } from './object-index.ts';
import type { StoredObject } from './stored-object.ts';

const object = (key: string) => ({ key }) as StoredObject;

function listAll(index: ObjectIndex, prefix: string, delimiter: string, maxKeys: number): string[] {
  const seen: string[] = [];
  for (let after: Parameters<ObjectIndex['list']>[0]['after']; ; ) {
    const { entries, isTruncated } = index.list({ prefix, delimiter, maxKeys, after });
    expect(entries.length).toBeLessThanOrEqual(maxKeys);
    for (const entry of entries) seen.push('object' in entry ? entry.object.key : entry.commonPrefix);
    const last = entries.at(-1);
    if (!isTruncated || last === undefined) return seen;
    after = 'object' in last ? { key: last.object.key } : { prefix: last.commonPrefix };
  }
}

describe('a listing', () => {
  const keys = ['a', 'a/1', 'a/2', 'a/b/1', 'b/1', 'b/2', 'ba', 'c', 'é', '\uffff', '😀'];
  const index = new ObjectIndex(keys.toReversed().map(object));

  it.each([1, 2, 3, 1000])('is the same in pages of %i', (maxKeys) => {
    expect(listAll(index, '', '', maxKeys)).toEqual(keys);
    expect(listAll(index, '', '/', maxKeys)).toEqual(['a', 'a/', 'b/', 'ba', 'c', 'é', '\uffff', '😀']);
    expect(listAll(index, 'a/', '/', maxKeys)).toEqual(['a/1', 'a/2', 'a/b/']);
    expect(listAll(index, 'b', '', maxKeys)).toEqual(['b/1', 'b/2', 'ba']);
    expect(listAll(index, 'zzz', '', maxKeys)).toEqual([]);
  });

  it('goes on behind a key that is gone, and shows what came in behind it', () => {
    const changing = new ObjectIndex(['a', 'b', 'c'].map(object));
    changing.delete('b');
    changing.set(object('bb'));
    const { entries } = changing.list({ prefix: '', delimiter: '', maxKeys: 10, after: { key: 'b' } });
    expect(entries).toEqual([{ object: object('bb') }, { object: object('c') }]);
  });

  it('of no keys is not called truncated', () => {
    expect(index.list({ prefix: '', delimiter: '', maxKeys: 0, after: undefined })).toEqual({
      entries: [],
      isTruncated: false,
    });
  });
});

it('orders keys as their UTF-8 bytes are ordered', () => {
  const keys = [
    '',
    'a',
    'A',
    'a\u0000',
    'ÿ',
    'Ā',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
    'a\u{10000}',
    'a\uffff',
  ];
  const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(keys.toSorted(compareUtf8)).toEqual(byBytes);
});
