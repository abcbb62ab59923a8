import type { FiguraDto } from '#lib/api/schemas.ts';
import { type CellCheck, cellCheckOf } from '#lib/figura/check-cell.ts';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import { normaliseCell, type TargetCategory } from '#lib/formats/normalise-cell.ts';
import { type CsvRowBatch, KIND_JSON, KIND_NUMBER, type RowBatch } from '#lib/formats/row-batch.ts';
import type { RowFaultCode } from '#lib/job/row-faults.ts';
import { KeySet } from './key-set.ts';

/** What rows are held against. */
export interface CheckPlan {
  figura: Pick<FiguraDto, 'columns' | 'opColumn' | 'requiredColumns'>;
  /** Column of the file -> column of the figura, for each that goes somewhere. */
  targets: Readonly<Record<string, string>>;
  mode: 'merge' | 'append';
}

/** Rows with one fault in one column. */
export interface FaultGroup {
  code: RowFaultCode;
  /** Of the file; null when the row as a whole is at fault. */
  column: string | null;
  target: string | null;
  /** Of the target; null where there is none. */
  type: string | null;
  rowCount: number;
  /** The first such row, counted from 1, and the value it brings. */
  row: number;
  value: string | null;
}

/** A row with faults, as it stands in the file. */
export interface FaultyRow {
  row: number;
  cells: (string | null)[];
  faults: { column: string | null; code: RowFaultCode; type: string | null }[];
}

/** What a look at every row of a file found. */
export interface CheckReport {
  /** The plan's, in a form that can be compared. */
  planKey: string;
  rowCount: number;
  /** Rows that would be refused. */
  faultyCount: number;
  /** Rows of which a later one has the same key: the later one counts. */
  repeatedCount: number;
  groups: FaultGroup[];
  /** The first of the faulty and repeated rows. */
  rows: FaultyRow[];
  /** Whether keys were compared up to the last row. */
  areKeysCompared: boolean;
}

/** More than a person reads; each is kept whole. */
const MAX_ROWS = 200;
/** A file with more different faults is the wrong file; the groups after these are not shown. */
const MAX_GROUPS = 200;
const MAX_VALUE_CHARS = 200;
const OPS = { merge: new Set(['', 'I', 'U', 'D']), append: new Set(['', 'I']) } as const;

/** Types of which a text without characters is a value. */
const TEXT = /^(?:text|character|citext|name)/;

interface CheckedColumn {
  source: string;
  target: string;
  type: string;
  category: TargetCategory;
  isInteger: boolean;
  isJson: boolean;
  check: CellCheck | null;
  emptyFault: 'null_key' | 'not_null' | null;
  /** A text without characters is as good as none: the figura wants the column filled. */
  refusesEmptyText: boolean;
}

/** Names a plan, so that it can be told whether a report is of today's plan. */
export function planKeyOf({ figura, targets, mode }: CheckPlan): string {
  const columns = figura.columns.map(({ name, type, required, key }) => [name, type, required, key]);
  return JSON.stringify([mode, figura.opColumn, figura.requiredColumns, columns, Object.entries(targets).sort()]);
}

/**
 * Looks at every row of a file as the service will: values that do not fit their column, empty keys and required
 * columns, unknown operations, keys that repeat. What only the table knows (rules, references) is left to PostgreSQL,
 * which has the last word anyway.
 */
export class RowChecker {
  readonly #plan: CheckPlan;
  readonly #csv: CsvOptions | null;
  readonly #columns: CheckedColumn[];
  readonly #keys: CheckedColumn[];
  readonly #opSource: string | null;
  readonly #groups = new Map<string, FaultGroup>();
  readonly #seen = new KeySet();
  readonly #rows: FaultyRow[] = [];
  #rowCount = 0;
  #faultyCount = 0;
  #repeatedCount = 0;

  constructor(plan: CheckPlan, csv: CsvOptions | null) {
    this.#plan = plan;
    this.#csv = csv;
    const sources = new Map(Object.entries(plan.targets).map(([source, target]) => [target, source]));
    const { columns, opColumn } = plan.figura;
    this.#columns = columns.flatMap(({ name, type, required, key }) => {
      const source = sources.get(name);
      if (source === undefined) return [];
      const isAppended = plan.mode === 'append';
      const emptyFault = key && !isAppended ? 'null_key' : required ? 'not_null' : null;
      const category = categoryOf(type);
      const isInteger = /^(?:smallint|integer|bigint)$/.test(type);
      const isJson = /^jsonb?$/.test(type);
      const refusesEmptyText = TEXT.test(type) && plan.figura.requiredColumns.includes(name);
      const kind = { type, category, isInteger, isJson, check: cellCheckOf(type) };
      return [{ source, target: name, ...kind, emptyFault, refusesEmptyText }];
    });
    const keyNames = columns.filter(({ key }) => key).map(({ name }) => name);
    const keys = keyNames.flatMap((name) => this.#columns.find(({ target }) => target === name) ?? []);
    this.#keys = keys.length === keyNames.length && plan.mode === 'merge' ? keys : [];
    this.#opSource = columns.some(({ name }) => name === opColumn) ? null : (sources.get(opColumn) ?? null);
  }

  /** Takes the next rows. */
  take(batch: RowBatch | CsvRowBatch): void {
    const { rowCount, firstRow } = batch;
    const found = new Map<number, FaultyRow['faults']>();
    const isFaulty = new Uint8Array(rowCount);
    const add = (index: number, column: CheckedColumn | null, code: RowFaultCode, value: string | null) => {
      isFaulty[index] = 1;
      this.#count(firstRow + index, column, code, value);
      this.#note(found, index, column, code);
    };
    const places = new Map(batch.columns.map((name, index) => [name, index]));
    const ops = this.#opSource === null ? undefined : batch.cells[places.get(this.#opSource) ?? -1];
    for (const fault of batch.kinds === null ? (batch as CsvRowBatch).rowFaults : []) {
      add(fault.row - firstRow, null, fault.code, fault.fields.join(this.#csv?.delimiter ?? ','));
    }
    for (let index = 0; ops !== undefined && index < rowCount; index++) {
      const op = ops[index] ?? '';
      if (!OPS[this.#plan.mode].has(op)) add(index, opColumnOf(this.#opSource as string), 'unknown_op', op);
    }
    for (const column of this.#columns) {
      const place = places.get(column.source);
      const cells = place === undefined ? undefined : batch.cells[place];
      const kinds = place === undefined ? undefined : batch.kinds?.[place];
      this.#checkColumn(column, cells, kinds, rowCount, ops, add);
    }
    this.#findRepeats(batch, places, isFaulty, found);
    for (const mark of isFaulty) this.#faultyCount += mark;
    this.#rowCount += rowCount;
    for (const [index, faults] of [...found].sort(([one], [other]) => one - other)) {
      if (this.#rows.length >= MAX_ROWS) break;
      const cells = batch.cells.map((column) => column[index] ?? null);
      this.#rows.push({ row: firstRow + index, cells, faults });
    }
  }

  /** What was found. */
  report(): CheckReport {
    return {
      planKey: planKeyOf(this.#plan),
      rowCount: this.#rowCount,
      faultyCount: this.#faultyCount,
      repeatedCount: this.#repeatedCount,
      groups: [...this.#groups.values()].sort((one, other) => other.rowCount - one.rowCount),
      rows: this.#rows,
      areKeysCompared: !this.#seen.isFull,
    };
  }

  #checkColumn(
    column: CheckedColumn,
    cells: (string | null)[] | undefined,
    kinds: Uint8Array | undefined,
    rowCount: number,
    ops: (string | null)[] | undefined,
    add: (index: number, column: CheckedColumn, code: RowFaultCode, value: string | null) => void,
  ): void {
    const { check, emptyFault, category, type } = column;
    const csv = category === 'text' ? null : this.#csv;
    if (check === null && emptyFault === null) return;
    // In CSV a pair of quotes is a value in columns of text only.
    const emptyIsNull = column.refusesEmptyText || (this.#csv !== null && check !== null && !TEXT.test(type));
    for (let index = 0; index < rowCount; index++) {
      const found = cells?.[index] ?? null;
      const cell = emptyIsNull && found === '' ? null : found;
      if (cell === null) {
        const isExempt = emptyFault === 'not_null' && ops?.[index] === 'D';
        if (emptyFault !== null && !isExempt) add(index, column, emptyFault, null);
        continue;
      }
      if (check === null) continue;
      const kind = kinds?.[index];
      // A JSON source says by itself what is JSON; a nested value in another column is the service's to judge.
      if (kind !== undefined && (column.isJson || kind === KIND_JSON)) continue;
      let text = csv === null ? cell : normaliseCell(cell, csv, category);
      if (kind === KIND_NUMBER && column.isInteger) text = text.replace(/\.0+$/, '');
      const code = check(text);
      if (code !== null) add(index, column, code, cell);
    }
  }

  /** Rows at fault take no part: the service refuses them before it compares keys. */
  #findRepeats(
    batch: RowBatch,
    places: Map<string, number>,
    isFaulty: Uint8Array,
    found: Map<number, FaultyRow['faults']>,
  ): void {
    const [firstKey] = this.#keys;
    if (firstKey === undefined) return;
    const columns = this.#keys.map((key) => ({ key, cells: batch.cells[places.get(key.source) ?? -1] }));
    for (let index = 0; index < batch.rowCount; index++) {
      if (isFaulty[index] === 1) continue;
      let text = '';
      for (const { key, cells } of columns) text += `${this.#canonical(key, cells?.[index] ?? '')}\u0000`;
      if (!this.#seen.add(text)) continue;
      this.#repeatedCount++;
      this.#count(batch.firstRow + index, firstKey, 'duplicate_key', text.slice(0, -1).replaceAll('\u0000', ', '));
      this.#note(found, index, firstKey, 'duplicate_key');
    }
  }

  /** Equal for the texts of equal values, as far as that is told without PostgreSQL. */
  #canonical({ type, category, isInteger }: CheckedColumn, cell: string): string {
    const text = this.#csv === null || category === 'text' ? cell : normaliseCell(cell, this.#csv, category);
    if (isInteger) return text.trim().replace(/^\+?(-?)0*(?=\d)/, '$1');
    if (type === 'uuid') return text.toLowerCase().replace(/[{}-]/g, '');
    return text;
  }

  #count(row: number, column: CheckedColumn | null, code: RowFaultCode, value: string | null): void {
    const id = `${code}\u0000${column?.source ?? ''}`;
    const group = this.#groups.get(id);
    if (group) {
      group.rowCount++;
      return;
    }
    if (this.#groups.size >= MAX_GROUPS) return;
    const { source = null, target = null, type = null } = column ?? {};
    this.#groups.set(id, { code, column: source, target, type, rowCount: 1, row, value: shorten(value) });
  }

  #note(
    found: Map<number, FaultyRow['faults']>,
    index: number,
    column: CheckedColumn | null,
    code: RowFaultCode,
  ): void {
    if (this.#rows.length >= MAX_ROWS) return;
    const fault = { column: column?.source ?? null, code, type: column?.type ?? null };
    const faults = found.get(index);
    if (faults) faults.push(fault);
    else found.set(index, [fault]);
  }
}

function opColumnOf(source: string): CheckedColumn {
  const common = {
    type: '',
    category: 'text',
    isInteger: false,
    isJson: false,
    check: null,
    emptyFault: null,
    refusesEmptyText: false,
  } as const;
  return { ...common, source, target: source };
}

function shorten(value: string | null): string | null {
  return value === null || value.length <= MAX_VALUE_CHARS ? value : `${value.slice(0, MAX_VALUE_CHARS)}…`;
}

function categoryOf(type: string): TargetCategory {
  if (/^(?:smallint|integer|bigint|numeric|real|double precision)\b/.test(type) && !type.endsWith('[]'))
    return 'number';
  if (type === 'date') return 'date';
  return /^timestamp\b/.test(type) && !type.endsWith('[]') ? 'timestamp' : 'text';
}
