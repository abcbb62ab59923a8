import type { DbPool } from '#lib/db/pool.ts';
import type { CellValue, ColumnKind } from './column-kind.ts';
import type { GeneratedFile, GeneratedRow } from './row-generator.ts';

/** A single value as PostgreSQL prints it, or the SQLSTATE it is refused with. */
type Canonical = { text: string } | { refusal: string };

/** What should come of one row that needs a word: `row status column code …`. */
export type ExpectedOutcome = string;

/** What a load should say. */
export interface ExpectedLoad {
  rows: Record<'read' | 'inserted' | 'updated' | 'deleted' | 'unchanged' | 'skipped' | 'rejected', number>;
  outcomes: ExpectedOutcome[];
}

const CODES: Record<string, string> = {
  '22001': 'value_too_long',
  '22003': 'value_out_of_range',
  '22008': 'value_out_of_range',
  '23514': 'check_violation',
  NUL: 'nul_character',
};

/** Asks PostgreSQL how it prints single values: the one thing the model does not know by itself. */
export class Canonicaliser {
  readonly #pool: DbPool;
  readonly #known = new Map<string, Canonical>();

  constructor(pool: DbPool) {
    this.#pool = pool;
  }

  /** Makes the function asked below: an INSERT of a literal, which is neither a cast nor a COPY. */
  async prepare(kinds: readonly ColumnKind[]): Promise<void> {
    for (const { name, type } of kinds) await this.#pool.query(`create table canon_${name} (v ${type})`);
    // Days come first in dates with slashes, as in a load.
    await this.#pool.query(`
      create function canon(kind text, given text[]) returns table (value text, printed text, refusal text)
        language plpgsql set datestyle to 'ISO, DMY' as $f$
      begin
        foreach value in array given loop
          printed := null; refusal := null;
          begin
            execute format('insert into canon_%s (v) values (%L) returning v::text', kind, value) into printed;
          exception when others then refusal := sqlstate;
          end;
          return next;
        end loop;
      end $f$`);
  }

  /** Learns all values of a file at once. */
  async learn(file: GeneratedFile): Promise<void> {
    for (const { name } of file.kinds) {
      const texts = new Set(file.rows.map(({ cells }) => cells.get(name)?.text));
      const unknown = [...texts].filter(
        (text) => text !== undefined && !this.#known.has(`${name} ${text}`),
      ) as string[];
      const askable = unknown.filter((text) => !text.includes('\0'));
      for (const text of unknown) if (text.includes('\0')) this.#known.set(`${name} ${text}`, { refusal: 'NUL' });
      const { rows } = await this.#pool.query('select * from canon($1, $2)', [name, askable]);
      for (const { value, printed, refusal } of rows) {
        this.#known.set(`${name} ${value}`, refusal === null ? { text: printed } : { refusal });
      }
    }
  }

  of(kind: ColumnKind, value: CellValue): Canonical {
    return this.#known.get(`${kind.name} ${value.text}`) as Canonical;
  }
}

type Row = Map<string, string | null>;

/** What a table should hold: a plain map from key to row. */
export class TableModel {
  readonly rows = new Map<string, Row>();
  readonly #canon: Canonicaliser;
  readonly #key: readonly string[];
  readonly #all: readonly ColumnKind[];

  constructor(canon: Canonicaliser, key: readonly string[], all: readonly ColumnKind[]) {
    this.#canon = canon;
    this.#key = key;
    this.#all = all;
  }

  /** Applies a file as mode `merge` promises to. */
  apply({ kinds, rows }: GeneratedFile): ExpectedLoad {
    const counts = { read: rows.length, inserted: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 };
    const outcomes: ExpectedOutcome[] = [];
    const accepted: { number: number; op: string | null; key: string; values: Row }[] = [];
    for (const [index, row] of rows.entries()) {
      const { faults, values } = this.#judge(kinds, row);
      const number = index + 1;
      if (faults.length > 0) {
        counts.rejected += 1;
        outcomes.push(`${number} ER ${faults.sort().join(', ')}`);
      } else accepted.push({ number, op: row.op, key: this.#keyOf(values), values });
    }
    const last = new Map(accepted.map(({ key, number }) => [key, number]));
    for (const { number, op, key, values } of accepted) {
      const winner = last.get(key);
      const present = this.rows.get(key);
      if (winner !== number) {
        counts.skipped += 1;
        outcomes.push(`${number} SK duplicate_key ${winner}`);
      } else if (op === 'D') {
        if (this.rows.delete(key)) counts.deleted += 1;
        else {
          counts.skipped += 1;
          outcomes.push(`${number} SK nothing_to_delete`);
        }
      } else if (present === undefined) {
        counts.inserted += 1;
        this.rows.set(
          key,
          new Map(this.#all.map((kind) => [kind.name, values.get(kind.name) ?? this.#defaultOf(kind, values)])),
        );
      } else {
        const isSame = [...values].every(([name, text]) => present.get(name) === text);
        counts[isSame ? 'unchanged' : 'updated'] += 1;
        for (const [name, text] of values) present.set(name, text);
      }
    }
    return { rows: counts, outcomes: outcomes.sort(byNumber) };
  }

  #defaultOf(kind: ColumnKind, values: Row): string | null {
    if (values.has(kind.name) || kind.default === undefined) return null;
    const canonical = this.#canon.of(kind, { text: kind.default });
    return 'text' in canonical ? canonical.text : null;
  }

  #keyOf(values: Row): string {
    return JSON.stringify(this.#key.map((name) => values.get(name)));
  }

  #judge(kinds: readonly ColumnKind[], { op, cells }: GeneratedRow): { faults: string[]; values: Row } {
    const faults: string[] = [];
    const checks: string[] = [];
    const values: Row = new Map();
    if (op !== null && !['', 'I', 'U', 'D'].includes(op)) faults.push('op unknown_op');
    let isMistyped = false;
    for (const kind of kinds) {
      const cell = cells.get(kind.name) ?? null;
      if (cell === null) {
        values.set(kind.name, null);
        if (this.#key.includes(kind.name)) faults.push(`${kind.name} null_key`);
        else if (kind.constraint === 'not null' && op !== 'D') faults.push(`${kind.name} not_null`);
        continue;
      }
      const canonical = this.#canon.of(kind, cell);
      if ('text' in canonical) {
        values.set(kind.name, canonical.text);
        if (kind.name === 'c_integer' && canonical.text === '13' && op !== 'D')
          checks.push('c_integer check_violation');
      } else {
        isMistyped = true;
        faults.push(`${kind.name} ${CODES[canonical.refusal] ?? 'invalid_value'}`);
      }
    }
    // A CHECK is asked of a row whose values all have their types.
    return { faults: isMistyped ? faults : [...faults, ...checks], values };
  }
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10);
}
