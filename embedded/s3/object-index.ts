import type { StoredObject } from './stored-object.ts';

/** What a listing shows at one place: an object, or all the objects behind a common prefix. */
export type ListEntry = { object: StoredObject } | { commonPrefix: string };

export interface ListRequest {
  prefix: string;
  delimiter: string;
  maxKeys: number;
  /** Only what comes after this key, or after every key that begins with this prefix. */
  after: { key: string } | { prefix: string } | undefined;
}

/**
 * The objects of one bucket in memory, with their keys in the order of their UTF-8 bytes. Listing reads no file and
 * finds its place by bisection; inserting moves an array of pointers, some 20 µs among 100 000 keys.
 */
export class ObjectIndex {
  readonly #objects: Map<string, StoredObject>;
  readonly #keys: string[];

  constructor(objects: readonly StoredObject[] = []) {
    this.#objects = new Map(objects.map((object) => [object.key, object]));
    this.#keys = [...this.#objects.keys()].sort(compareUtf8);
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  set(object: StoredObject): void {
    if (!this.#objects.has(object.key)) this.#keys.splice(this.#positionOf(object.key), 0, object.key);
    this.#objects.set(object.key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.splice(this.#positionOf(key), 1);
  }

  /** A page of the listing, and whether there is more behind it. */
  list({ prefix, delimiter, maxKeys, after }: ListRequest): { entries: ListEntry[]; isTruncated: boolean } {
    const entries: ListEntry[] = [];
    let position = this.#positionOf(prefix);
    if (after !== undefined) {
      const resumed = 'key' in after ? this.#positionAfter(after.key) : this.#positionBehindPrefix(after.prefix);
      position = Math.max(position, resumed);
    }
    for (; position < this.#keys.length; ) {
      const key = this.#keys[position]!;
      if (!key.startsWith(prefix)) break;
      if (entries.length >= maxKeys) return { entries, isTruncated: maxKeys > 0 };
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      if (cut < 0) {
        entries.push({ object: this.#objects.get(key)! });
        position++;
      } else {
        const commonPrefix = key.slice(0, cut + delimiter.length);
        entries.push({ commonPrefix });
        position = this.#positionBehindPrefix(commonPrefix);
      }
    }
    return { entries, isTruncated: false };
  }

  #positionOf(key: string): number {
    return this.#bisect((other) => compareUtf8(other, key) < 0);
  }

  #positionAfter(key: string): number {
    return this.#bisect((other) => compareUtf8(other, key) <= 0);
  }

  #positionBehindPrefix(prefix: string): number {
    return this.#bisect((other) => compareUtf8(other, prefix) < 0 || other.startsWith(prefix));
  }

  /** The first position whose key no longer satisfies a condition that holds for a beginning of the list. */
  #bisect(isBefore: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#keys[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Orders strings as their UTF-8 bytes would be, which is S3's order, without encoding them. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rankOfCodeUnit(a.charCodeAt(i)) - rankOfCodeUnit(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function rankOfCodeUnit(unit: number): number {
  // UTF-16 puts the surrogates below U+E000, though what they encode lies above U+FFFF.
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
