import type { Queryable } from '../db/pool.ts';
import type { Uniqueness } from './figura.ts';

const READ_UNIQUENESS = `
  select c.relname as name,
         i.indisexclusion or con.conexclop is not null as "isExclusion",
         am.amname as method,
         pg_get_expr(i.indpred, i.indrelid) as predicate,
         i.indnullsnotdistinct as "isNullsNotDistinct",
         not i.indimmediate or coalesce(con.condeferrable, false) as "isDeferrable",
         (select json_agg(json_build_object(
                   'expression', pg_get_indexdef(i.indexrelid, k.n, false)
                     || case when co.oid is null then '' else format(' collate %I.%I', co_n.nspname, co.collname) end,
                   'operator', case when o.oid is not null then format('operator(%I.%s)', o_n.nspname, o.oprname) end,
                   'operatorClass', format('%I.%I', oc_n.nspname, oc.opcname)) order by k.n)
            from generate_series(1, i.indnkeyatts) as k(n)
            join pg_opclass oc on oc.oid = i.indclass[k.n - 1]
            join pg_namespace oc_n on oc_n.oid = oc.opcnamespace
            left join pg_amop a on con.conexclop is null and a.amopfamily = oc.opcfamily and a.amopstrategy = 3
                               and a.amoplefttype = oc.opcintype and a.amoprighttype = oc.opcintype and am.amname = 'btree'
            left join pg_operator o on o.oid = coalesce(con.conexclop[k.n], a.amopopr)
            left join pg_namespace o_n on o_n.oid = o.oprnamespace
            -- The database's own collation needs no name.
            left join pg_collation co on co.oid = i.indcollation[k.n - 1] and co.collname <> 'default'
            left join pg_namespace co_n on co_n.oid = co.collnamespace) as elements,
         array(select a.attname::text from pg_attribute a
                where a.attrelid = i.indrelid and a.attnum > 0
                  and (a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1])
                       or exists (select 1 from pg_depend d
                                   where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                                     and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid
                                     and d.refobjsubid = a.attnum))
                order by a.attnum) as columns
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_am am on am.oid = c.relam
    left join pg_constraint con
      on con.conindid = i.indexrelid and con.conrelid = i.indrelid and con.contype in ('p', 'u', 'x')
   where i.indrelid = $1 and (i.indisunique or i.indisexclusion) and i.indisvalid
   order by c.relname`;

/** Reads what no two rows of a table may share, its key included. */
export async function readUniqueness(db: Queryable, tableOid: number): Promise<Uniqueness[]> {
  return (await db.query(READ_UNIQUENESS, [tableOid])).rows;
}
