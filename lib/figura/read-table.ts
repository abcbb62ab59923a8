import type { Queryable } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import type { ColumnCategory, FiguraColumn, TableConstraint, TableDescription } from './figura.ts';
import { readUniqueness } from './read-uniqueness.ts';

const FIND_TABLE = `
  select c.oid::int8 as oid, n.nspname as "schemaName", c.relname as "tableName", c.relkind as kind,
         has_schema_privilege(n.oid, 'usage')
           and has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
           and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete') as "mayWrite",
         c.relpersistence = 't' as "isTemporary",
         row_security_active(c.oid) as "hidesRows",
         exists (select 1 from pg_rewrite r where r.ev_class = c.oid and r.ev_type <> '1') as "hasRules",
         c.relkind = 'r' and exists (select 1 from pg_inherits i where i.inhparent = c.oid) as "isInherited",
         c.relkind = 'p' and exists (select 1 from pg_partition_tree(c.oid) p join pg_class part on part.oid = p.relid
                                      where part.relkind = 'f') as "hasForeignPartition",
         (select count(*) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::int as "columnCount",
         current_setting('server_version_num')::int as "serverVersion"
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2`;

// The category is taken from the type underneath a domain; modifiers of a domain live in the domain itself.
const READ_COLUMNS = `
  select a.attname as name,
         format_type(a.atttypid, a.atttypmod) as type,
         a.atttypid::int8 as "typeOid",
         a.atttypmod as "typeModifier",
         base.typname as "baseType",
         base.typcategory as "typeCategory",
         element.typname as "elementType",
         base.typtype = 'c' as "isComposite",
         -- A domain over an enum has no = of its own.
         base.typtype = 'e' and t.typtype <> 'd'
           or base.typnamespace = 'pg_catalog'::regnamespace
              and base.typname in ('int2', 'int4', 'int8', 'oid', 'bool', 'text', 'varchar', 'uuid', 'date', 'time',
                                   'timestamp', 'timestamptz', 'bytea', 'money', 'macaddr', 'macaddr8')
              and coalesce(co.collisdeterministic, true)
           or base.oid in ('numeric'::regtype, 'bpchar'::regtype) and a.atttypmod > 0
              and coalesce(co.collisdeterministic, true) as "hasExactEquality",
         a.attnotnull or base."isRequired" as "isNotNull",
         case when co.collname <> 'default' then format('%I.%I', co_n.nspname, co.collname) end as collation,
         case when base."isRequired" then json_build_object(
           'baseType', format_type(base.oid, base.modifier), 'checks', base.checks) end as "requiredDomain",
         case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as "default",
         a.attgenerated <> '' as "isGenerated",
         a.attidentity = 'a' as "isIdentityAlways",
         a.attidentity <> '' as "isIdentity",
         col_description(a.attrelid, a.attnum) as description
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    join lateral (
      with recursive chain as (
        select t.*, a.atttypmod as modifier, 0 as depth
        union all
        select b.*, chain.typtypmod, depth + 1
          from chain join pg_type b on b.oid = chain.typbasetype where chain.typtype = 'd')
      select chain.*, (select bool_or(typnotnull) from chain) as "isRequired",
             (select coalesce(json_agg(json_build_object('name', conname, 'expression', pg_get_expr(conbin, 0))
                                       order by depth desc, conname), '[]')
                from chain join pg_constraint on contypid = chain.oid and contype = 'c') as checks
        from chain where typtype <> 'd' limit 1) base on true
    left join lateral (
      with recursive chain as (
        select e.* from pg_type e where e.typarray = base.oid and base.typcategory = 'A'
        union all
        select b.* from chain join pg_type b on b.oid = chain.typbasetype where chain.typtype = 'd')
      select typname from chain where typtype <> 'd' limit 1) element on true
    left join pg_collation co on co.oid = a.attcollation
    left join pg_namespace co_n on co_n.oid = co.collnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
   order by a.attnum`;

// Partial and expression indexes do not make a key: they say nothing about some of the rows. Nor does one over a
// generated column, whose value no file can bring.
const READ_UNIQUE_KEYS = `
  select i.indisprimary as "isPrimary",
         (select array_agg(a.attname::text order by k.position)
            from unnest(i.indkey::int2[]) with ordinality as k(attnum, position)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
           where k.position <= i.indnkeyatts) as columns
    from pg_index i
   where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
     and not exists (select 1 from pg_attribute a
                      where a.attrelid = i.indrelid and a.attnum = any(i.indkey) and a.attgenerated <> '')
   order by i.indisprimary desc, i.indexrelid`;

// A temporal foreign key (PERIOD, from 18 on) is about ranges that cover each other: that is left to PostgreSQL.
const READ_CONSTRAINTS = `
  select c.conname as name,
         case c.contype when 'c' then 'check' else 'foreignKey' end as kind,
         array(select a.attname::text from unnest(c.conkey) with ordinality as k(attnum, position)
                 join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum order by k.position) as columns,
         case when c.contype = 'c' then pg_get_expr(c.conbin, c.conrelid) end as expression,
         fn.nspname as "foreignSchema", f.relname as "foreignTable",
         array(select a.attname::text from unnest(c.confkey) with ordinality as k(attnum, position)
                 join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.attnum order by k.position) as "foreignColumns"
    from pg_constraint c
    left join pg_class f on f.oid = c.confrelid
    left join pg_namespace fn on fn.oid = f.relnamespace
   where c.conrelid = $1 and c.contype in ('c', 'f') and c.convalidated
     and to_jsonb(c) ->> 'conperiod' is distinct from 'true'
   order by c.conname`;

const BASE_TYPE_CATEGORIES: Record<string, ColumnCategory> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  json: 'json',
  jsonb: 'json',
  bytea: 'bytea',
  bool: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
  interval: 'other',
};

function categoryOf(baseType: string, typeCategory: string, elementType: string | null): ColumnCategory {
  if (elementType !== null) {
    const element = BASE_TYPE_CATEGORIES[elementType];
    if (element === 'integer') return 'integerArray';
    if (element === 'date') return 'dateArray';
    return element === 'json' ? 'jsonArray' : 'array';
  }
  const known = BASE_TYPE_CATEGORIES[baseType];
  if (known) return known;
  if (typeCategory === 'S') return 'text';
  if (typeCategory === 'N') return 'number';
  return 'other';
}

/** Splits `schema.table` (schema `public` when left out); quoted parts may hold dots and quotes. */
export function parseTableName(text: string): { schemaName: string; tableName: string } {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'),
  );
  const [first, second] = parts;
  if (parts.length === 1 && first) return { schemaName: 'public', tableName: first };
  if (parts.length === 2 && first && second) return { schemaName: first, tableName: second };
  throw new AppError('table_not_found', `not a table name: ${text}`, { details: { table: text } });
}

const KINDS: Record<string, string> = { v: 'view', m: 'materialized_view', f: 'foreign_table' };

/** The service's own tables: a load into them would forge what it keeps record of. */
const OWN_SCHEMAS = new Set(['carga', 'carga_stage', 'graphile_worker', 'pg_catalog', 'information_schema']);

interface FoundTable {
  schemaName: string;
  kind: string;
  mayWrite: boolean;
  isTemporary: boolean;
  hidesRows: boolean;
  hasRules: boolean;
  isInherited: boolean;
  hasForeignPartition: boolean;
  columnCount: number;
  serverVersion: number;
}

/**
 * PostgreSQL's limit is 1600, and a stage has two columns more than its table. Before 17 MERGE puts both sides of an
 * update into one row, which may have 1664.
 */
const maxColumns = (serverVersion: number) => (serverVersion >= 170000 ? 1598 : 832);

/** Why a relation cannot be loaded, as a stable word; null where it can. */
function refusalOf(found: FoundTable): string | null {
  if (found.kind !== 'r' && found.kind !== 'p') return KINDS[found.kind] ?? 'not_a_table';
  if (OWN_SCHEMAS.has(found.schemaName)) return 'own_schema';
  // No other session sees it.
  if (found.isTemporary) return 'temporary_table';
  if (!found.mayWrite) return 'no_privilege';
  // A row that a policy hides would be inserted again, or counted as nothing to delete.
  if (found.hidesRows) return 'row_security';
  // PostgreSQL refuses MERGE on both; a key that children can repeat is none.
  if (found.hasRules) return 'rules';
  if (found.hasForeignPartition) return 'foreign_partition';
  if (found.columnCount > maxColumns(found.serverVersion)) return 'too_many_columns';
  return found.isInherited ? 'inherited_table' : null;
}

/**
 * Reads a table from PostgreSQL's catalogue.
 * @throws AppError `table_not_found`; `table_not_supported` with a `reason` (`view`, `foreign_table`, `no_privilege` …).
 */
export async function readTable(db: Queryable, schemaName: string, tableName: string): Promise<TableDescription> {
  const details = { table: `${schemaName}.${tableName}` };
  const found = (await db.query(FIND_TABLE, [schemaName, tableName])).rows[0];
  if (!found) throw new AppError('table_not_found', `no table ${details.table}`, { details });
  const reason = refusalOf(found);
  if (reason !== null) {
    throw new AppError('table_not_supported', `${details.table} cannot be loaded: ${reason}`, {
      details: { ...details, reason },
    });
  }
  const columns = (await db.query(READ_COLUMNS, [found.oid])).rows.map(
    ({ baseType, typeCategory, elementType, ...column }): FiguraColumn => ({
      ...column,
      category: categoryOf(baseType, typeCategory, elementType),
    }),
  );
  const keys: { isPrimary: boolean; columns: string[] }[] = (await db.query(READ_UNIQUE_KEYS, [found.oid])).rows;
  const constraints = (await db.query(READ_CONSTRAINTS, [found.oid])).rows.map(
    (row): TableConstraint => ({
      name: row.name,
      kind: row.kind,
      columns: row.columns,
      expression: row.expression,
      references:
        row.kind === 'foreignKey'
          ? { schemaName: row.foreignSchema, tableName: row.foreignTable, columns: row.foreignColumns }
          : null,
    }),
  );
  return {
    oid: found.oid,
    schemaName: found.schemaName,
    tableName: found.tableName,
    columns,
    primaryKey: keys.find((key) => key.isPrimary)?.columns ?? [],
    uniqueKeys: keys.map((key) => key.columns),
    constraints,
    uniqueness: await readUniqueness(db, found.oid),
  };
}

/** Whether the columns are exactly those of some unique key of the table, in any order. */
export function isUniqueKey(table: TableDescription, columns: readonly string[]): boolean {
  const wanted = new Set(columns);
  return table.uniqueKeys.some((key) => key.length === wanted.size && key.every((name) => wanted.has(name)));
}
