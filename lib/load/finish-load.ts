import type { DbClient } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import type { Figura } from '../figura/figura.ts';
import { loadFigura } from '../figura/figura-registry.ts';
import { isUniqueKey } from '../figura/read-table.ts';
import { NO_ROWS, type RowOutcomes } from '../job/row-outcomes.ts';
import { type AttemptProgress, roundTimings } from './attempt-progress.ts';
import { rejectOrphans } from './check-rows.ts';
import { classifyRows, type RowChange, sampleChanges } from './dry-run.ts';
import { type ClaimedJob, endJob, type JobEnd, keepChanges } from './job-record.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import {
  type MergeCounts,
  type MergeResult,
  mergeRows,
  noteRefused,
  rejectIncompleteInserts,
  skipMissingDeletes,
} from './merge-rows.ts';
import { countFaultyRows, recordRows } from './record-rows.ts';
import { rejectClashes } from './reject-clashes.ts';
import { type PendingRowData, type SecondReading, startRowData } from './row-data.ts';
import { keepRowFaults } from './row-fault-counts.ts';
import { countSnapshotDeletes, deleteAbsentRows } from './snapshot.ts';

/** What the end of a load needs to know of what went before. */
export interface FinalStep {
  atStep: (step: string) => Promise<void> | void;
  signal: AbortSignal;
  job: ClaimedJob;
  plan: LoadPlan;
  progress: AttemptProgress;
  /** Rows of the file. */
  read: number;
  /** Whether rows of the stage may have op `D`: asking all of them again is a scan under the figura's lock. */
  hasDeletes: boolean;
  serverVersion: number;
  fileColumns: string[];
  secondReading: SecondReading;
}

/** The end of a job that leaves the table as it was: what was read but not refused counts as skipped. */
export function rowsWithoutEffect(read: number, rejected: number): RowOutcomes {
  return { ...NO_ROWS, read, rejected, skipped: read - rejected };
}

/** How many rows the table may still refuse before the job has failed. */
function maxRefused({ options }: ClaimedJob, rejected: number): number {
  if (options.onError === 'abort') return 1;
  return options.maxErrors === null ? Number.POSITIVE_INFINITY : options.maxErrors - rejected + 1;
}

/** Why a job with so many rejected rows has failed; null while it has not. */
function refusalOf({ options }: ClaimedJob, rejected: number): JobEnd | null {
  const { onError, maxErrors } = options;
  if (rejected === 0) return null;
  if (onError === 'abort') return { status: 'error', code: 'rejected_rows', details: { rejected } };
  if (maxErrors !== null && rejected > maxErrors) {
    return { status: 'error', code: 'too_many_errors', details: { rejected, maxErrors } };
  }
  return null;
}

/** The table may have moved since the plan was made. @throws AppError `target_changed` */
async function requireSameTable(db: DbClient, job: ClaimedJob, plan: LoadPlan): Promise<Figura> {
  const now = await loadFigura(db, job.figura);
  const isSame = plan.columns.every(({ target }) =>
    now.table.columns.some(
      ({ name, typeOid, typeModifier }) =>
        name === target.name && typeOid === target.typeOid && typeModifier === target.typeModifier,
    ),
  );
  const keys = keyColumns(plan).map(({ target }) => target.name);
  const isSameKey =
    plan.mode === 'append' ||
    (keys.length === now.keyColumns.length &&
      isUniqueKey(now.table, keys) &&
      now.keyColumns.every((name) => keys.includes(name)));
  if (now.table.oid !== plan.targetOid || !isSame || !isSameKey) {
    throw new AppError('target_changed', 'the table changed while the job ran', {
      details: { table: `${plan.schemaName}.${plan.tableName}` },
    });
  }
  return now;
}

/** A row that is refused may leave others without a parent, which may leave others without a value. */
async function rejectConflicts(db: DbClient, plan: LoadPlan): Promise<number> {
  while (true) {
    const { refused, waiting } = await rejectClashes(db, plan);
    if (refused === 0 || (await rejectOrphans(db, plan)) === 0) return waiting;
  }
}

/**
 * Merges and ends the job, inside the transaction that `enterFinalTransaction` opened: rows, outcomes and the job's end
 * are committed together or not at all. @throws AppError `target_changed`
 */
export async function finishLoad(db: DbClient, step: FinalStep): Promise<void> {
  let rowData: PendingRowData | undefined;
  try {
    await finish(db, step, async () => {
      rowData = await startRowData(db, step.plan, step);
      return rowData;
    });
  } finally {
    rowData?.stop();
  }
}

async function finish(db: DbClient, step: FinalStep, readAgain: () => Promise<PendingRowData>): Promise<void> {
  const { job, plan, progress, read, signal } = step;
  let rowData: PendingRowData | undefined;
  const end = async (result: JobEnd, rows: RowOutcomes, changes: RowChange[] = []) => {
    await rowData?.keep();
    // Those the merge itself refused.
    await (await readAgain()).keep();
    await recordRows(db, plan, step.fileColumns);
    // With the job's end, so that nobody sees a job that has ended and a stage that has not.
    // Its parts go with it.
    await db.query(`drop table ${plan.stage} cascade`);
    // From here on the job's row is locked: a report of progress would wait for the end it is part of.
    await progress.stop();
    if (job.dryRun) await keepChanges(db, job, changes);
    if (rows.rejected > 0) await keepRowFaults(db, job);
    await endJob(db, job, result, rows, roundTimings(progress.timings));
  };
  const now = await requireSameTable(db, job, plan);
  await rejectIncompleteInserts(db, plan);
  let faulty = await countFaultyRows(db);
  const early = refusalOf(job, faulty.rejected);
  if (early) return end(early, rowsWithoutEffect(read, faulty.rejected));
  if (step.hasDeletes) await skipMissingDeletes(db, plan);
  const waiting = await rejectConflicts(db, plan);
  faulty = await countFaultyRows(db);
  const refusal = refusalOf(job, faulty.rejected);
  if (refusal) return end(refusal, rowsWithoutEffect(read, faulty.rejected));
  // Every row of the file is in the stage or on the list.
  const staged = read - faulty.rejected - faulty.skipped;
  rowData = await readAgain();
  let absent = 0;
  if (plan.mode === 'snapshot') {
    // The keys of refused rows are not to be deleted.
    await rowData.keep();
    // Nobody else may write between the count that the guard judges and the delete.
    if (!job.dryRun) await db.query(`lock table ${plan.target} in share row exclusive mode`);
    const found = await countSnapshotDeletes(db, plan);
    const { maxDeleteRatio } = now;
    if (found.deletes > found.total * maxDeleteRatio) {
      const details = { deletes: found.deletes, total: found.total, maxDeleteRatio };
      return end({ status: 'error', code: 'delete_guard', details }, rowsWithoutEffect(read, faulty.rejected));
    }
    absent = found.absent;
  }
  await db.query('savepoint untouched');
  await step.atStep('merging');
  const counts: MergeCounts & Partial<MergeResult> = job.dryRun
    ? await classifyRows(db, plan, staged)
    : await mergeRows(db, plan, {
        staged,
        waiting,
        serverVersion: step.serverVersion,
        maxRefused: maxRefused(job, faulty.rejected),
        signal,
      });
  if (plan.mode === 'snapshot' && !job.dryRun) absent = await deleteAbsentRows(db, plan);
  faulty = await countFaultyRows(db);
  const late = refusalOf(job, faulty.rejected);
  if (late) {
    await db.query('rollback to savepoint untouched');
    await noteRefused(db, plan, counts.refused ?? []);
    return end(late, rowsWithoutEffect(read, faulty.rejected));
  }
  const changes = job.dryRun ? await sampleChanges(db, plan) : [];
  await step.atStep('merged');
  return end(
    { status: 'complete' },
    {
      // A snapshot says of the rows it does not name that they are to go: they count as read.
      read: read + absent,
      inserted: counts.inserted,
      updated: counts.updated,
      deleted: counts.deleted + absent,
      unchanged: counts.unchanged,
      skipped: faulty.skipped,
      rejected: faulty.rejected,
    },
    changes,
  );
}
