import { literal } from '../db/identifiers.ts';
import type { DbClient } from '../db/pool.ts';
import { type DatabaseError, isRowFault, rowFaultCode } from '../db/sqlstate.ts';
import { indexStage } from './create-stage.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import {
  appendStatement,
  fillStatement,
  isDifferent,
  keyMatch,
  mergeStatement,
  type RowSelection,
  stagedRows,
} from './merge-statement.ts';
import { addFaults } from './reject-rows.ts';
import { keepKeysOfStagedRows } from './snapshot.ts';

/** What a merge did to the table. */
export interface MergeCounts {
  inserted: number;
  updated: number;
  deleted: number;
  unchanged: number;
  rejected: number;
}

/** Deletes of keys the table does not have are skipped, each with its word. Returns how many. */
export async function skipMissingDeletes(db: DbClient, plan: LoadPlan): Promise<number> {
  if (plan.opSource === null || plan.mode === 'append') return 0;
  const keys = keyColumns(plan);
  const isMissing = `s.op = 'D' and not exists (select 1 from ${plan.target} t where ${keyMatch(plan)})`;
  // Asked first: several processes may share a question, DELETE none (1M rows, 100,000 of them `D`: 0.24 against 0.48 s).
  const { rows } = await db.query(`select count(*) > 0 as some from ${plan.stage} s where ${isMissing}`);
  if (!rows[0].some) return 0;
  const { rowCount } = await db.query(
    `with missing as (
       delete from ${plan.stage} s where ${isMissing} returning s.*)
     insert into pg_temp.row_faults (n, status, source, code, message, value)
     select n, 'SK', ${keys.length === 1 ? literal(keys[0]?.source ?? '') : 'null'}, 'nothing_to_delete', null,
            concat_ws(', ', ${keys.map(({ stage }) => `${stage}::text`).join(', ')})
       from missing`,
  );
  return rowCount ?? 0;
}

/** Rows that would be new although the file does not bring a column they need. Returns how many were refused. */
export async function rejectIncompleteInserts(db: DbClient, plan: LoadPlan): Promise<number> {
  if (plan.missingRequired.length === 0) return 0;
  const exists = plan.mode === 'append' ? 'false' : `exists (select 1 from ${plan.target} t where ${keyMatch(plan)})`;
  const { rows } = await db.query(
    `with refused as (
       delete from ${plan.stage} s
        where ${plan.opSource === null ? 'true' : `s.op is distinct from 'D'`} and not ${exists}
        returning s.n),
     noted as (
       insert into pg_temp.row_faults (n, status, source, code, message, value)
       select refused.n, 'ER', name, 'required_column_missing', null, null
         from refused cross join unnest($1::text[]) as name)
     select count(*) as n from refused`,
    [plan.missingRequired.map(({ name }) => name)],
  );
  return Number(rows[0].n);
}

/**
 * Whether the table is empty, and stays so until the transaction ends: nobody else can write it then. A table with rows
 * is not locked.
 */
async function lockIfEmpty(db: DbClient, plan: LoadPlan): Promise<boolean> {
  const isEmpty = async () =>
    (await db.query(`select not exists (select 1 from ${plan.target}) as empty`)).rows[0].empty === true;
  if (!(await isEmpty())) return false;
  await db.query(`lock table ${plan.target} in share row exclusive mode`);
  return isEmpty();
}

/**
 * Runs a merge as a merge join. Stage and index both come in the order of the key; the hash join the planner prefers
 * took 1.65 × the CPU where nothing changes and 1.1 to 1.2 × elsewhere, also where the table's rows lie in no order.
 * Rows that wait are looked up one by one: only a nested loop keeps their order.
 */
async function runMerge<T>(db: DbClient, selection: RowSelection | undefined, work: () => Promise<T>): Promise<T> {
  const off = selection === 'waiting' ? ['hashjoin', 'mergejoin'] : ['hashjoin'];
  for (const method of off) await db.query(`set local enable_${method} = off`);
  const result = await work();
  // Had it failed, the savepoint would have taken the setting back.
  for (const method of off) await db.query(`set local enable_${method} to default`);
  return result;
}

type Applied = Pick<MergeCounts, 'inserted' | 'updated' | 'deleted'>;

async function applyRows(db: DbClient, plan: LoadPlan, counting: Counting, selection?: RowSelection): Promise<Applied> {
  if (plan.mode === 'append') {
    const { rowCount } = await db.query(appendStatement(plan, selection));
    return { inserted: rowCount ?? 0, updated: 0, deleted: 0 };
  }
  if (counting.byStatistics) {
    const applied = await applyByStatistics(db, plan, selection);
    if (applied !== null) return applied;
  }
  return counting.byReturning ? applyReturning(db, plan, selection) : applyForeseen(db, plan, selection);
}

/** How it is known what a merge did. */
interface Counting {
  /** Nothing but the merge itself writes the table: no trigger of anybody's, no partitions. */
  byStatistics: boolean;
  /** From 17 on. */
  byReturning: boolean;
}

async function chooseCounting(db: DbClient, plan: LoadPlan, serverVersion: number): Promise<Counting> {
  const { rows } = await db.query(
    `select c.relkind = 'r' and current_setting('track_counts')::boolean
            and not exists (select 1 from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal) as plain
       from pg_class c where c.oid = $1`,
    [plan.targetOid],
  );
  return { byStatistics: rows[0]?.plain === true, byReturning: serverVersion >= 170000 };
}

const STATISTICS = `select pg_stat_get_xact_tuples_inserted(oid) as inserted, pg_stat_get_xact_tuples_updated(oid) as updated,
                           pg_stat_get_xact_tuples_deleted(oid) as deleted from (select $1::oid as oid) as target`;

/**
 * Counts by what PostgreSQL itself counts in this transaction: RETURNING costs a seventh of the merge. Null where a
 * reference's ON DELETE wrote the table as well; nothing has been applied then.
 */
async function applyByStatistics(db: DbClient, plan: LoadPlan, selection?: RowSelection): Promise<Applied | null> {
  const read = async () => (await db.query(STATISTICS, [plan.targetOid])).rows[0];
  await db.query('savepoint merge_counted');
  const before = await read();
  const { rowCount } = await runMerge(db, selection, () => db.query(mergeStatement(plan, selection)));
  const after = await read();
  const applied = {
    inserted: after.inserted - before.inserted,
    updated: after.updated - before.updated,
    deleted: after.deleted - before.deleted,
  };
  const isWhole = rowCount === applied.inserted + applied.updated + applied.deleted;
  if (!isWhole) await db.query('rollback to savepoint merge_counted');
  await db.query('release savepoint merge_counted');
  return isWhole ? applied : null;
}

async function applyReturning(db: DbClient, plan: LoadPlan, selection?: RowSelection): Promise<Applied> {
  const { rows } = await runMerge(db, selection, () =>
    db.query(
      `with applied as (${mergeStatement(plan, selection)}
       returning merge_action() as action)
       select count(*) filter (where action = 'INSERT') as inserted,
              count(*) filter (where action = 'UPDATE') as updated,
              count(*) filter (where action = 'DELETE') as deleted from applied`,
    ),
  );
  return { inserted: Number(rows[0].inserted), updated: Number(rows[0].updated), deleted: Number(rows[0].deleted) };
}

/** Before 17 MERGE cannot tell what it did: the same is counted beforehand, while nobody else can write the table. */
async function applyForeseen(db: DbClient, plan: LoadPlan, selection?: RowSelection): Promise<Applied> {
  const isDelete = plan.opSource === null ? 'false' : `s.op is not distinct from 'D'`;
  const { rows } = await db.query(
    `select count(*) filter (where t.ctid is null and not ${isDelete}) as inserted,
            count(*) filter (where t.ctid is not null and not ${isDelete} and ${isDifferent(plan) ?? 'false'}) as updated,
            count(*) filter (where t.ctid is not null and ${isDelete}) as deleted
       from (${stagedRows(plan, selection)}) as s left join ${plan.target} t on ${keyMatch(plan)}`,
  );
  const foreseen = {
    inserted: Number(rows[0].inserted),
    updated: Number(rows[0].updated),
    deleted: Number(rows[0].deleted),
  };
  await db.query('savepoint merge_once');
  const { rowCount } = await runMerge(db, selection, () => db.query(mergeStatement(plan, selection)));
  if (rowCount === foreseen.inserted + foreseen.updated + foreseen.deleted) {
    await db.query('release savepoint merge_once');
    return foreseen;
  }
  await db.query('rollback to savepoint merge_once');
  return applyWatched(db, plan, selection);
}

/** A BEFORE trigger suppresses rows: which ones is seen by comparing where the table's rows stand before and after. */
async function applyWatched(db: DbClient, plan: LoadPlan, selection?: RowSelection) {
  const places = `select s.n, s.op, t.ctid as place, t.tableoid as part
                    from (${stagedRows(plan, selection)}) as s left join ${plan.target} t on ${keyMatch(plan)}`;
  await db.query(`create temp table places_before on commit drop as ${places}`);
  await runMerge(db, selection, () => db.query(mergeStatement(plan, selection)));
  const { rows } = await db.query(
    `select count(*) filter (where b.place is null and a.place is not null) as inserted,
            count(*) filter (where b.place is not null and a.place is not null
                               and (a.place, a.part) is distinct from (b.place, b.part)) as updated,
            count(*) filter (where b.place is not null and a.place is null) as deleted
       from pg_temp.places_before b join (${places}) a using (n)`,
  );
  await db.query('drop table pg_temp.places_before');
  return { inserted: Number(rows[0].inserted), updated: Number(rows[0].updated), deleted: Number(rows[0].deleted) };
}

/** What a merge did, and the rows that the table refused, each with PostgreSQL's own words. */
export interface MergeResult extends MergeCounts {
  refused: RefusedRow[];
}

/** A row that the table refused. */
export interface RefusedRow {
  row: number;
  error: DatabaseError;
}

/**
 * Applies the stage to the table, inside the caller's transaction. Should the table refuse it (a UNIQUE beside the key,
 * an exclusion constraint, a trigger), the stage is halved until the rows at fault stand alone: all others go in. Rows
 * may need each other (a reference within the file), so the refused ones are tried again as long as one more goes in.
 *
 * @param options.staged rows in the stage
 * @param options.waiting rows of `pg_temp.merge_order`
 * @param options.maxRefused isolating stops at so many refused rows: the job has failed by then
 */
export async function mergeRows(
  db: DbClient,
  plan: LoadPlan,
  options: { staged: number; waiting: number; serverVersion: number; maxRefused: number; signal: AbortSignal },
): Promise<MergeResult> {
  const { staged, waiting, maxRefused, signal } = options;
  const counting = await chooseCounting(db, plan, options.serverVersion);
  const total = { inserted: 0, updated: 0, deleted: 0 };
  if (!counting.byReturning && plan.mode !== 'append') {
    await db.query(`lock table ${plan.target} in share row exclusive mode`);
  }
  // What a DEFERRABLE constraint would refuse at COMMIT has to be refused where the row is still known.
  await db.query('set constraints all immediate');
  const isEmpty = plan.mode !== 'append' && (await lockIfEmpty(db, plan));
  const apply = async (selection?: RowSelection): Promise<DatabaseError | null> => {
    signal.throwIfAborted();
    await db.query('savepoint merge_rows');
    try {
      const counts =
        isEmpty && selection === undefined
          ? { inserted: (await db.query(fillStatement(plan))).rowCount ?? 0, updated: 0, deleted: 0 }
          : await applyRows(db, plan, counting, selection);
      await db.query('release savepoint merge_rows');
      total.inserted += counts.inserted;
      total.updated += counts.updated;
      total.deleted += counts.deleted;
      return null;
    } catch (error) {
      if (!isRowFault(error)) throw error;
      await db.query('rollback to savepoint merge_rows');
      await db.query('release savepoint merge_rows');
      return error;
    }
  };
  let refused: RefusedRow[] = [];
  const applyAll = async (): Promise<boolean> => {
    if (waiting === 0) return (await apply()) === null;
    await db.query('savepoint merge_in_order');
    if ((await apply('independent')) === null && (await apply('waiting')) === null) return true;
    await db.query('rollback to savepoint merge_in_order');
    Object.assign(total, { inserted: 0, updated: 0, deleted: 0 });
    return false;
  };
  if (!(await applyAll())) {
    await indexStage(db, plan);
    const { rows } = await db.query({ text: `select n from ${plan.stage} order by n`, rowMode: 'array' });
    const numbers = rows.map(([n]) => Number(n));
    const halve = async (from: number, to: number): Promise<void> => {
      const first = numbers[from];
      const last = numbers[to - 1];
      if (first === undefined || last === undefined || refused.length >= maxRefused) return;
      const error = await apply({ first, last });
      if (error === null) return;
      if (to - from === 1) {
        refused.push({ row: first, error });
        return;
      }
      const middle = from + Math.floor((to - from) / 2);
      await halve(from, middle);
      await halve(middle, to);
    };
    const middle = Math.floor(numbers.length / 2);
    await halve(0, middle);
    await halve(middle, numbers.length);
    refused = await retryRefused(refused, apply);
  }
  await noteRefused(db, plan, refused);
  const done = total.inserted + total.updated + total.deleted + refused.length;
  return { ...total, rejected: refused.length, refused, unchanged: staged - done };
}

async function retryRefused(refused: RefusedRow[], apply: (selection: RowSelection) => Promise<DatabaseError | null>) {
  let waiting = refused;
  while (waiting.length > 0) {
    const still: RefusedRow[] = [];
    for (const { row } of waiting) {
      const error = await apply({ first: row, last: row });
      if (error !== null) still.push({ row, error });
    }
    if (still.length === waiting.length) return still;
    waiting = still;
  }
  return waiting;
}

/** Puts the refused rows on the session's list and takes them out of the stage. */
export async function noteRefused(db: DbClient, plan: LoadPlan, refused: readonly RefusedRow[]): Promise<void> {
  if (refused.length === 0) return;
  await addFaults(
    db,
    refused.map(({ row, error }) => ({
      row,
      status: 'ER' as const,
      column: plan.columns.find(({ target }) => target.name === error.column)?.source ?? null,
      code: rowFaultCode(error.code),
      message: [error.message, error.detail].filter(Boolean).join(' — '),
      value: null,
    })),
  );
  const numbers = refused.map(({ row }) => row);
  await keepKeysOfStagedRows(db, plan, `s.n in (${numbers.map(Number).join(', ')})`);
  await db.query(`delete from ${plan.stage} where n = any($1::bigint[])`, [numbers]);
}
