import type { CellValue, ColumnKind } from './column-kind.ts';
import type { Random } from './random.ts';

/** How a file holds values: as text, as text where nothing is NULL, as JSON, or in types that no bad text fits. */
export type FileClass = 'text' | 'csv' | 'json' | 'typed';

/** A row of a generated file. */
export interface GeneratedRow {
  op: string | null;
  /** By column; null is NULL. */
  cells: Map<string, CellValue | null>;
}

/** A generated file. */
export interface GeneratedFile {
  kinds: ColumnKind[];
  rows: GeneratedRow[];
}

const OPS = ['I', 'U', 'D', '', null, 'U', null, null];
const BAD_OPS = ['X', 'd', 'DD', ' D'];

/** Types, and a domain over one, whose columns take a text for what it is. */
const TEXT_TYPE = /^(text|varchar|char|citext|name|cep|cep_alto)\b(?!.*\[)/;

/** How a value stands in a file of the class; null where it cannot. */
function fitting(kind: ColumnKind, value: CellValue, fileClass: FileClass): CellValue | null {
  if (fileClass === 'typed') return kind.typed(value);
  if (fileClass === 'text') return value;
  // An empty text is a value of text types only.
  if (fileClass === 'csv') return value.text === '' && !TEXT_TYPE.test(kind.type) ? null : value;
  // A bare null is no value, whatever the column.
  return value.json === 'null' ? null : value;
}

/** Makes files that tell of the same table, one after the other: later ones repeat, change and delete what earlier ones said. */
export class RowGenerator {
  readonly #random: Random;
  readonly #key: ColumnKind[];
  readonly #kinds: ColumnKind[];
  readonly #pools: Map<string, CellValue[]>;
  /** Of each key the last good row of the files before, and of all files. */
  #before: GeneratedRow[] = [];
  readonly #latest = new Map<string, GeneratedRow>();

  constructor(random: Random, key: ColumnKind[], kinds: ColumnKind[]) {
    this.#random = random;
    this.#key = key;
    this.#kinds = kinds;
    // Few values, met again and again: equal ones in other spellings have to meet too.
    this.#pools = new Map(
      [...key, ...kinds].map((kind) => [
        kind.name,
        [...kind.good, ...Array.from({ length: kind.more ? 12 : 0 }, () => kind.more?.(random) as CellValue)],
      ]),
    );
  }

  /** One file. Some columns are left out, as real files do. */
  file(fileClass: FileClass, rowCount: number): GeneratedFile {
    this.#before = [...this.#latest.values()];
    const left = this.#kinds.filter(({ constraint }) => constraint === 'not null' || !this.#random.chance(0.08));
    const kinds = [...this.#key, ...left];
    return { kinds, rows: Array.from({ length: rowCount }, () => this.#row(kinds, fileClass)) };
  }

  #row(kinds: ColumnKind[], fileClass: FileClass): GeneratedRow {
    const random = this.#random;
    const earlier = this.#before.length > 0 && random.chance(0.6) ? random.pick(this.#before) : null;
    const changed = random.chance(0.4) ? random.pick(kinds) : null;
    const cells = new Map<string, CellValue | null>();
    for (const kind of kinds) {
      const known = kind === changed ? undefined : earlier?.cells.get(kind.name);
      cells.set(kind.name, known == null ? this.#value(kind, fileClass) : fitting(kind, known, fileClass));
      if (known === null) cells.set(kind.name, null);
    }
    for (const kind of this.#key) {
      const known = earlier?.cells.get(kind.name);
      if (known) cells.set(kind.name, fitting(kind, known, fileClass));
    }
    if (earlier !== null && changed === null && random.chance(0.5)) this.#twist(cells, kinds, fileClass);
    const good = { op: random.pick(OPS), cells: new Map(cells) };
    if (random.chance(0.07)) this.#spoil(good, kinds, fileClass);
    else this.#remember(cells);
    return good;
  }

  /** What a file leaves out stays what it was. */
  #remember(cells: GeneratedRow['cells']): void {
    const key = JSON.stringify(this.#key.map(({ name }) => cells.get(name)?.text));
    this.#latest.set(key, { op: null, cells: new Map([...(this.#latest.get(key)?.cells ?? []), ...cells]) });
  }

  /** Changes one value to one that only looks equal. */
  #twist(cells: GeneratedRow['cells'], kinds: ColumnKind[], fileClass: FileClass): void {
    const kind = kinds.find(({ name, twins }) => twins?.includes(cells.get(name)?.text ?? ''));
    const wanted = this.#random.pick(kind?.twins ?? []);
    const twin = kind?.good.find(({ text }) => text === wanted);
    const fits = kind && twin && fitting(kind, twin, fileClass);
    if (fits) cells.set(kind.name, fits);
  }

  #value(kind: ColumnKind, fileClass: FileClass): CellValue | null {
    const isKey = this.#key.includes(kind);
    if (kind.constraint !== 'not null' && !isKey && this.#random.chance(0.12)) return null;
    const pool = this.#pools.get(kind.name) ?? [];
    for (let attempt = 0; attempt < 20; attempt++) {
      const value = isKey && kind.more ? kind.more(this.#random) : this.#random.pick(pool);
      const fits = fitting(kind, value, fileClass);
      if (fits !== null) return fits;
    }
    return null;
  }

  #spoil(row: GeneratedRow, kinds: ColumnKind[], fileClass: FileClass): void {
    const random = this.#random;
    if (random.chance(0.15)) row.op = random.pick(BAD_OPS);
    if (random.chance(0.1)) row.cells.set(random.pick(this.#key).name, null);
    for (let count = random.integer(1, 4); count > 0; count--) {
      const kind = random.pick(kinds);
      const isRequired = kind.constraint === 'not null';
      const bad = isRequired && random.chance(0.5) ? null : random.pick([...kind.bad, ...kind.bad, null]);
      if (bad === null && !isRequired) continue;
      const fits = bad == null ? null : fitting(kind, bad, fileClass);
      if (bad == null || fits !== null) row.cells.set(kind.name, fits);
    }
  }
}
