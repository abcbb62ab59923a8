import { literal } from '../db/identifiers.ts';
import type { DbClient } from '../db/pool.ts';
import { isInputFault } from '../db/sqlstate.ts';
import type { Uniqueness } from '../figura/figura.ts';
import { removeFaultyRows, STAGED_ROW } from './check-rows.ts';
import { claimText, elementList, fileClaims, isClash, isSameKey, tableClaims } from './clash-statements.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import { orderWaiting } from './order-waiting.ts';
import { keepKeysOfStagedRows } from './snapshot.ts';

// Which staged rows cannot stand beside the others and the table, asked set by set:
// - a row clashes with a row of the table that the file does not touch, or that keeps what it has: it is refused;
// - it takes what a row of the table gives up, because another row of the file changes or deletes it: it waits for that
//   one, is refused if that one is, and is merged after it (unless the constraint is DEFERRABLE, which is asked when a
//   statement has ended). Rows that wait for each other are refused;
// - of rows of the file that clash with each other the first stays.

// Tables of the session: `no` is the constraint's number in the plan.
const CREATE_TABLES = `
  drop table if exists pg_temp.clash_waits, pg_temp.clash_groups, pg_temp.clash_refusals, pg_temp.merge_order;
  create temp table clash_waits (no int, n bigint, holder bigint, value text);
  create temp table clash_groups (no int, id bigint, n bigint, value text);
  create temp table clash_refusals (no int, n bigint, why text, value text, primary key (n, no));
  create temp table merge_order (n bigint primary key, position bigint not null)`;

const CHANGES_PLACES =
  'it changes places with row %s of the file, which one statement can do only where the constraint is DEFERRABLE';
const NOT_GIVEN_UP = 'row %s of the file, which is refused itself, does not give it up';

async function change(db: DbClient, sql: string): Promise<number> {
  return (await db.query(sql)).rowCount ?? 0;
}

const refuse = (query: string) =>
  `insert into pg_temp.clash_refusals (no, n, why, value) ${query} on conflict do nothing`;

/** Compares with what the table has. Nearly always nothing is met, and one statement has told so. */
async function meetTable(db: DbClient, plan: LoadPlan, uniqueness: Uniqueness, no: number): Promise<void> {
  const keys = plan.mode === 'append' ? [] : keyColumns(plan);
  const keysOf = (alias: string) => keys.map((_key, index) => `, ${alias}.k${index + 1}`).join('');
  await db.query('drop table if exists pg_temp.met');
  const met = await change(
    db,
    `create temp table met as
     select c.n, ${elementList(uniqueness, 'c')}${keysOf('o')}
       from (${fileClaims(plan, uniqueness)}) as c
       join (${tableClaims(plan, uniqueness)}) as o on ${isClash(uniqueness, 'c', 'o')}
      where (${isSameKey(plan, 'o', 'c')}) is not true`,
  );
  if (met === 0) return;
  const value = claimText(uniqueness, 'm');
  if (plan.mode === 'append') {
    await db.query(refuse(`select distinct ${no}, m.n, 'a row of the table has it', ${value} from pg_temp.met m`));
    return;
  }
  const isHolder = keys.map(({ stage }, index) => `h.${stage} = m.k${index + 1}`).join(' and ');
  await db.query(
    `with holders as (
       select m.*, h.n as holder, c.n is not null as keeps
         from pg_temp.met m left join ${plan.stage} h on ${isHolder}
         left join (${fileClaims(plan, uniqueness)}) as c on c.n = h.n and ${isClash(uniqueness, 'c', 'm')}),
     refused as (
       ${refuse(`select distinct on (m.n) ${no}, m.n,
                        case when m.holder is null then 'a row of the table has it'
                             else format('row %s of the file keeps it', m.holder) end, ${value}
                   from holders m where m.holder is null or m.keeps order by m.n, m.holder`)})
     insert into pg_temp.clash_waits (no, n, holder, value)
     select ${no}, m.n, m.holder, ${value} from holders m where m.holder is not null and not m.keeps`,
  );
}

/** Finds staged rows of which only one can have what they claim. */
async function groupEquals(db: DbClient, plan: LoadPlan, uniqueness: Uniqueness, no: number): Promise<void> {
  const list = elementList(uniqueness, 'c');
  await db.query('drop table if exists pg_temp.claimed_twice');
  const found = await change(
    db,
    `create temp table claimed_twice as
     select ${list}, row_number() over () as id from (${fileClaims(plan, uniqueness)}) as c group by ${list} having count(*) > 1`,
  );
  if (found === 0) return;
  await db.query(
    `insert into pg_temp.clash_groups (no, id, n, value)
     select ${no}, g.id, c.n, ${claimText(uniqueness, 'c')}
       from (${fileClaims(plan, uniqueness)}) as c join pg_temp.claimed_twice g on ${isClash(uniqueness, 'c', 'g')}`,
  );
}

/** Of the groups' rows that nothing else refuses, the first stays. */
const REFUSE_LATER_OF_GROUPS = refuse(
  `select no, n, format('row %s of the file has it', first), value
     from (select g.*, min(g.n) over (partition by g.no, g.id) as first
             from pg_temp.clash_groups g
            where not exists (select 1 from pg_temp.clash_refusals r where r.n = g.n)) as later
    where n > first`,
);

const claimsTable = (no: number) => `pg_temp.exclusive_${no}`;

/** Keeps the staged rows that clash with another one under an exclusion constraint. Returns how many. */
async function findExcluding(db: DbClient, plan: LoadPlan, uniqueness: Uniqueness, no: number): Promise<number> {
  const list = elementList(uniqueness, 'c');
  const index = uniqueness.elements.map(({ operatorClass }, at) => `e${at + 1} ${operatorClass}`).join(', ');
  const table = claimsTable(no);
  await db.query(`drop table if exists ${table}, ${table}_accepted, pg_temp.claimed`);
  await db.query(`create temp table claimed as select c.n, ${list} from (${fileClaims(plan, uniqueness)}) as c`);
  await db.query(`create index on pg_temp.claimed using ${uniqueness.method} (${index}); analyze pg_temp.claimed`);
  const found = await change(
    db,
    `create temp table exclusive_${no} as select c.* from pg_temp.claimed c
      where exists (select 1 from pg_temp.claimed o where o.n <> c.n and ${isClash(uniqueness, 'c', 'o')})`,
  );
  await db.query(`create temp table exclusive_${no}_accepted (like ${table})`);
  await db.query(`create index on ${table}_accepted using ${uniqueness.method} (${index})`);
  return found;
}

/** Of staged rows that exclude each other each one stays that clashes with none before it that stays. */
async function refuseExcluded(db: DbClient, uniqueness: Uniqueness, no: number): Promise<void> {
  const table = claimsTable(no);
  await db.query(`do $clash$
    declare c ${table}%rowtype; met bigint;
    begin
      truncate ${table}_accepted;
      for c in select * from ${table} t
                where not exists (select 1 from pg_temp.clash_refusals r where r.n = t.n) order by n loop
        select a.n into met from ${table}_accepted a where ${isClash(uniqueness, 'c', 'a')} limit 1;
        if found then
          ${refuse(`values (${no}, c.n, format('row %s of the file has it', met), ${claimText(uniqueness, 'c')})`)};
        else
          insert into ${table}_accepted values (c.*);
        end if;
      end loop;
    end $clash$`);
}

/** A refused row leaves the table's row as it is: whoever waits for what it would have given up is refused too. */
async function refuseWaiting(db: DbClient): Promise<void> {
  await db.query(
    `with recursive lost as (
       select n from pg_temp.clash_refusals
       union
       select w.n from lost join pg_temp.clash_waits w on w.holder = lost.n)
     ${refuse(`select distinct on (w.n, w.no) w.no, w.n, format(${literal(NOT_GIVEN_UP)}, w.holder), w.value
                 from pg_temp.clash_waits w join lost on lost.n = w.holder order by w.n, w.no, w.holder`)}`,
  );
}

/**
 * Writes down in which order the rows that wait have to be merged, after all others; those that wait in a circle are
 * refused. Returns how many there are in that order.
 */
async function orderMerge(db: DbClient, plan: LoadPlan): Promise<number> {
  const immediate = plan.uniqueness.flatMap(({ isDeferrable }, no) => (isDeferrable ? [] : [no]));
  const { rows: waits } = await db.query(
    `select distinct w.n, w.holder from pg_temp.clash_waits w
      where w.no = any($1::int[]) and not exists (select 1 from pg_temp.clash_refusals r where r.n = w.n)`,
    [immediate],
  );
  const { order, circle } = orderWaiting(waits);
  await db.query('truncate pg_temp.merge_order');
  await db.query(
    'insert into pg_temp.merge_order (n, position) select n, position from unnest($1::bigint[]) with ordinality as o(n, position)',
    [order],
  );
  if (circle.length > 0) {
    await db.query(
      refuse(`select distinct on (w.n, w.no) w.no, w.n, format(${literal(CHANGES_PLACES)}, w.holder), w.value
                from pg_temp.clash_waits w join unnest($1::bigint[], $2::bigint[]) as c(n, holder) using (n, holder)
               where w.no = any($3::int[]) order by w.n, w.no, w.holder`),
      [circle.map(({ n }) => n), circle.map(({ holder }) => holder), immediate],
    );
  }
  return order.length;
}

/** Puts the refusals on the session's list and takes the rows out of the stage. Returns how many. */
async function noteRefusals(db: DbClient, plan: LoadPlan): Promise<number> {
  for (const [no, { name, isExclusion, columns }] of plan.uniqueness.entries()) {
    const brought = plan.columns.filter(({ target }) => columns.includes(target.name));
    const source = brought.length === 1 ? literal(brought[0]?.source ?? '') : 'null';
    const [code, words] = isExclusion
      ? ['exclusion_violation', 'conflicting key value violates exclusion constraint']
      : ['unique_violation', 'duplicate key value violates unique constraint'];
    await db.query(
      `insert into pg_temp.row_faults (n, part, place, status, source, code, message, value)
       select ${STAGED_ROW}, 'ER', ${source}, '${code}', ${literal(`${words} "${name}" — `)} || r.why, r.value
         from pg_temp.clash_refusals r join ${plan.stage} s on s.n = r.n where r.no = ${no}`,
    );
  }
  const refused = Number((await db.query('select count(distinct n) as n from pg_temp.clash_refusals')).rows[0].n);
  if (refused > 0) {
    await keepKeysOfStagedRows(db, plan, 's.n in (select n from pg_temp.clash_refusals)');
    await removeFaultyRows(db, plan);
  }
  return refused;
}

/** What came of looking for clashes. */
export interface Clashes {
  refused: number;
  /** Rows that have to be merged after all others, in the order of `pg_temp.merge_order`. */
  waiting: number;
}

/**
 * Refuses the staged rows that the table would refuse for a UNIQUE beside the key, a unique index or an exclusion
 * constraint. Needs the lock of the figura: what other loads leave behind counts. Costs two statements per constraint
 * where nothing clashes, none where there is no such constraint.
 */
export async function rejectClashes(db: DbClient, plan: LoadPlan): Promise<Clashes> {
  if (plan.uniqueness.length === 0) return { refused: 0, waiting: 0 };
  await db.query(CREATE_TABLES);
  const excluding: [number, Uniqueness][] = [];
  for (const [no, uniqueness] of plan.uniqueness.entries()) {
    await db.query('savepoint clashes');
    try {
      await meetTable(db, plan, uniqueness, no);
      if (!uniqueness.isExclusion) await groupEquals(db, plan, uniqueness, no);
      else if ((await findExcluding(db, plan, uniqueness, no)) > 0) excluding.push([no, uniqueness]);
    } catch (error) {
      // An expression that fails on some row, or cannot be asked here: the merge finds the rows it refuses.
      if (!isInputFault(error)) throw error;
      await db.query('rollback to savepoint clashes');
    }
    await db.query('release savepoint clashes');
  }
  await refuseWaiting(db);
  await orderMerge(db, plan);
  await db.query(REFUSE_LATER_OF_GROUPS);
  for (const [no, uniqueness] of excluding) await refuseExcluded(db, uniqueness, no);
  await refuseWaiting(db);
  const refused = await noteRefusals(db, plan);
  return { refused, waiting: await orderMerge(db, plan) };
}
