import type { DbClient } from '../db/pool.ts';
import { checkRows, lookAtStage, skipRepeatedKeys } from './check-rows.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import { noteRowsToJudge } from './reject-rows.ts';
import { findRefusedRows, type StagedRows } from './stage-rows.ts';

// A sample of 3,000 rows tells the planner as much as one of 30,000 here: how many rows, how many keys.
const STATISTICS_TARGET = 10;

/**
 * Finds the rows that cannot be applied, before any lock is taken: those COPY refused, those the table would refuse,
 * those a later row replaces. @returns whether rows of the stage have op `D`
 */
export async function validateRows(db: DbClient, plan: LoadPlan, staged: StagedRows): Promise<boolean> {
  if (staged.staged < staged.read) await noteRowsToJudge(db, await findRefusedRows(db, plan, staged.read));
  const look = await lookAtStage(db, plan);
  await checkRows(db, plan, look);
  if (look.mayRepeat) await skipRepeatedKeys(db, plan);
  // What stands in the other columns does not matter to the merge.
  await db.query(`set default_statistics_target = ${STATISTICS_TARGET}`);
  await db.query(`analyze ${plan.stage} (${['n', 'op', ...keyColumns(plan).map(({ stage }) => stage)].join(', ')})`);
  return look.hasDeletes;
}
