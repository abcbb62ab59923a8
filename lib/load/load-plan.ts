import { qualified } from '../db/identifiers.ts';
import type { Figura, FiguraColumn, TableConstraint, Uniqueness } from '../figura/figura.ts';
import { isRequired } from '../figura/figura.ts';
import type { ColumnMapping } from '../figura/map-columns.ts';
import type { CopyColumn } from '../formats/reader/reader.ts';
import type { EffectiveOptions } from '../job/job-options.ts';

/** A column of the stage table and what it stands for. Stage columns have names of ours, so no foreign name is ever in a stage. */
export interface StageColumn {
  /** `c1`, `c2`, … */
  stage: string;
  /** Column of the file. */
  source: string;
  target: FiguraColumn;
  /**
   * Its type in the stage: the column's, but what lies under a domain that refuses NULL where rows may be deletions,
   * which bring no values.
   */
  type: string;
  isKey: boolean;
  /** The figura wants it filled, whatever the table asks. */
  isRequired: boolean;
}

/** Everything the statements of one load are built from. */
export interface LoadPlan {
  jobId: string;
  figura: string;
  mode: EffectiveOptions['mode'];
  /** `schema.table`, quoted. */
  target: string;
  targetOid: number;
  schemaName: string;
  tableName: string;
  /** The stage table, quoted. Its columns: `n` (row number in the file), `op`, then `columns`. */
  stage: string;
  /** Tables that the stage was put together from, in the file's order; empty where it is one table. */
  parts: StagePart[];
  columns: StageColumn[];
  /** Column of the file that holds the op; null when the file has none. */
  opSource: string | null;
  /** NOT NULL columns without a default that the file does not bring: rows that would be new cannot be accepted. */
  missingRequired: FiguraColumn[];
  /** Constraints all of whose columns the file brings. */
  constraints: TableConstraint[];
  /** What no two rows may share beside the key, as far as the file decides it. */
  uniqueness: Uniqueness[];
}

/** Rows that follow each other in the file, in a table of their own. */
export interface StagePart {
  /** Quoted. */
  table: string;
  firstRow: number;
  rowCount: number;
  /** How many of them PostgreSQL took. */
  staged: number;
}

/** What staging needs to know, the table aside. */
export type StagePlan = Pick<LoadPlan, 'columns' | 'opSource'>;

/** A stage table, quoted, and what goes into it. */
export type StageTarget = StagePlan & { stage: string };

/** The columns that the reader is asked for, in the order of the stage's: `op` comes last. */
export function copyColumnsOf(plan: StagePlan): CopyColumn[] {
  const op = plan.opSource === null ? [] : [{ source: plan.opSource, target: 'text' as const }];
  return [...plan.columns.map(({ source, target }) => ({ source, target: target.category })), ...op];
}

/** Schema of the stage tables. */
export const STAGE_SCHEMA = 'carga_stage';

/** Name of a job's stage table; an attempt never touches the stage of another one. */
function stageTableName(jobId: string, attempt: number): string {
  return `job_${jobId.replaceAll('-', '')}_${attempt}`;
}

/** Name of a chunk's table: of a claim, so that whoever lost it writes where nobody reads. */
export function chunkTableName(jobId: string, number: number, token: string): string {
  return `chunk_${jobId.replaceAll('-', '')}_${number}_${token.replaceAll('-', '').slice(0, 12)}`;
}

/** What a second session copies into, beside a stage table: quoted, as its name is. */
export function sideTable(stage: string): string {
  return `${stage.slice(0, -1)}_side"`;
}

/** Puts together what the statements of a load need. Pure. */
export function planLoad(input: {
  jobId: string;
  attempt: number;
  figura: Figura;
  mapping: ColumnMapping;
  options: EffectiveOptions;
}): LoadPlan {
  const { figura, mapping, options } = input;
  const keys = new Set(figura.keyColumns);
  const columns = mapping.mapped.map(({ source, column }, index) => ({
    stage: `c${index + 1}`,
    source,
    target: column,
    type: mapping.opSource !== null && column.requiredDomain ? column.requiredDomain.baseType : column.type,
    isKey: keys.has(column.name),
    isRequired: figura.requiredColumns.includes(column.name),
  }));
  const brought = new Set(columns.map((column) => column.target.name));
  return {
    jobId: input.jobId,
    figura: figura.name,
    mode: options.mode,
    target: qualified(figura.table.schemaName, figura.table.tableName),
    targetOid: figura.table.oid,
    schemaName: figura.table.schemaName,
    tableName: figura.table.tableName,
    stage: qualified(STAGE_SCHEMA, stageTableName(input.jobId, input.attempt)),
    parts: [],
    columns,
    opSource: mapping.opSource,
    missingRequired: figura.table.columns.filter((column) => isRequired(column) && !brought.has(column.name)),
    constraints: figura.table.constraints.filter((constraint) => constraint.columns.every((name) => brought.has(name))),
    uniqueness: figura.table.uniqueness.filter((uniqueness) =>
      isForeseeable(uniqueness, figura, brought, options.mode),
    ),
  };
}

/** Whether what a row will claim can be told before it is written, from the file and what the table has. */
function isForeseeable(
  { columns, elements, predicate, isExclusion }: Uniqueness,
  { keyColumns: key, table }: Figura,
  brought: ReadonlySet<string>,
  mode: EffectiveOptions['mode'],
): boolean {
  // A merge finds its rows by the key, so they cannot clash on it.
  const isKey = columns.length === key.length && columns.every((name) => key.includes(name));
  if (mode !== 'append' && isKey && !isExclusion && predicate === null) return false;
  const isKnown = (name: string) => {
    const column = table.columns.find((one) => one.name === name);
    if (!column || column.isGenerated) return false;
    if (brought.has(name)) return mode === 'append' || !column.isIdentityAlways;
    return column.default === null && !column.isIdentity;
  };
  return (
    elements.every(({ operator }) => operator !== null) &&
    columns.some((name) => brought.has(name)) &&
    columns.every(isKnown)
  );
}

/** Whether a text without characters is as good as none there: who wants a column filled does not mean `""`. */
export function refusesEmptyText({ isRequired, target }: StageColumn): boolean {
  return isRequired && target.category === 'text';
}

/** Key columns of the plan, in the table's order. */
export function keyColumns(plan: LoadPlan): StageColumn[] {
  return plan.columns.filter((column) => column.isKey);
}
