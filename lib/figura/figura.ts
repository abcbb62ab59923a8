/** Kind of a column's type: decides how a reader writes its cells and how values are compared. */
export type ColumnCategory =
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'json'
  | 'bytea'
  | 'array'
  | 'integerArray'
  | 'dateArray'
  | 'jsonArray'
  | 'other';

/** A column of a figura's table, as PostgreSQL's catalogue tells it. */
export interface FiguraColumn {
  name: string;
  /** As PostgreSQL writes it, with modifiers: `numeric(15,2)`. */
  type: string;
  typeOid: number;
  typeModifier: number;
  category: ColumnCategory;
  /**
   * Whether what `=` finds equal is the same value to the last byte. It is not so of `1.0` and `1.00`, of `1 month` and
   * `30 days`, of citext, and some types have no `=` at all.
   */
  hasExactEquality: boolean;
  /** A row type. */
  isComposite: boolean;
  isNotNull: boolean;
  /** `"schema"."name"` where it is not the database's own. */
  collation: string | null;
  /** Its type is a domain that refuses NULL: what lies under it, and what else it asks of `VALUE`. */
  requiredDomain: { baseType: string; checks: { name: string; expression: string }[] } | null;
  /** Expression of the default; null when there is none. */
  default: string | null;
  isGenerated: boolean;
  /** GENERATED ALWAYS AS IDENTITY: takes a given value only when told to. */
  isIdentityAlways: boolean;
  isIdentity: boolean;
  description: string | null;
}

/** A constraint the set-based checks can evaluate. */
export interface TableConstraint {
  name: string;
  kind: 'check' | 'foreignKey';
  /** Columns of this table the constraint looks at. */
  columns: string[];
  /** check: the expression. */
  expression: string | null;
  /** foreignKey: what is referred to. */
  references: { schemaName: string; tableName: string; columns: string[] } | null;
}

/** What no two rows of a table may share: a UNIQUE, a unique index, an exclusion constraint. */
export interface Uniqueness {
  name: string;
  /** Whether it was made as an exclusion constraint: then NULL clashes with nothing, and `=` is only one of its operators. */
  isExclusion: boolean;
  /** All of them have to clash for two rows to clash. */
  elements: {
    /** Over the columns of the table. */
    expression: string;
    /** `operator(schema.=)`; null where the catalogue names none. */
    operator: string | null;
    /** `schema.class` of the index. */
    operatorClass: string;
  }[];
  /** Access method of the index. */
  method: string;
  /** Columns that elements and predicate look at. */
  columns: string[];
  /** Rows of which it does not hold clash with nothing; null: all rows are meant. */
  predicate: string | null;
  isNullsNotDistinct: boolean;
  /** Asked when a statement has ended, not at each row. */
  isDeferrable: boolean;
}

/** A table as the load engine sees it. */
export interface TableDescription {
  oid: number;
  schemaName: string;
  tableName: string;
  columns: FiguraColumn[];
  primaryKey: string[];
  /** Column sets of every unique index that holds for all rows. */
  uniqueKeys: string[][];
  constraints: TableConstraint[];
  /** What no two rows may share, the key included. */
  uniqueness: Uniqueness[];
}

/** A figura: an entity that can be loaded, and the table its rows go to. */
export interface Figura {
  name: string;
  title: string;
  keyColumns: string[];
  opColumn: string;
  onError: 'skip' | 'abort';
  /** null: no limit. */
  maxErrors: number | null;
  /** null: the service's limit. */
  maxFileBytes: number | null;
  unknownColumns: 'ignore' | 'reject';
  /** Every file has to bring and fill them, whatever the table asks. */
  requiredColumns: string[];
  maxDeleteRatio: number;
  /** Column of the file -> column of the table. */
  mapping: Record<string, string>;
  createdAt: Date;
  updatedAt: Date;
  table: TableDescription;
}

/** First segments of /api that are routes of their own: a figura of such a name could not be reached. */
export const RESERVED_FIGURA_NAMES: ReadonlySet<string> = new Set([
  'audit',
  'auth',
  'docs',
  'figuras',
  'health',
  'jobs',
  'keys',
  'metrics',
  'openapi',
  'profile',
  'users',
  'webhooks',
]);

/** Columns a file may bring for us, not for the table: what an error download adds, and the converter's own. */
export const SERVICE_COLUMNS: ReadonlySet<string> = new Set(['_row', '_column', '_code', '_message', '_carga']);

/** Whether a file has to bring the column for a new row to be accepted. */
export function isRequired(column: FiguraColumn): boolean {
  return column.isNotNull && column.default === null && !column.isIdentity && !column.isGenerated;
}
