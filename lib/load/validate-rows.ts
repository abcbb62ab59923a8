import type { DbClient } from '../db/pool.ts';
import { checkRows, lookAtStage, skipRepeatedKeys } from './check-rows.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import { foreseeMissingDeletes } from './merge-rows.ts';
import { judgeRows } from './reject-rows.ts';
import { keepRowData, type PickRows, rowsWithoutData } from './row-data.ts';
import { keepKeysOfRefusedRows } from './snapshot.ts';
import { findRefusedRows, type StagedRows } from './stage-rows.ts';

/**
 * Finds the rows that cannot be applied, before any lock is taken: those COPY refused, those the table would refuse,
 * those a later row replaces, those with nothing to delete. All of them are read again in one pass over the file.
 */
export async function validateRows(
  db: DbClient,
  plan: LoadPlan,
  input: { staged: StagedRows; serverVersion: number; pick: PickRows },
): Promise<void> {
  const { staged, serverVersion, pick } = input;
  const refused = new Set(staged.staged < staged.read ? await findRefusedRows(db, plan, staged.read) : []);
  const look = await lookAtStage(db, plan);
  await checkRows(db, plan, look);
  if (plan.mode !== 'append' && look.mayRepeat) await skipRepeatedKeys(db, plan);
  // The merge is planned by how many rows and keys there are; what stands in the other columns does not matter.
  await db.query(`analyze ${plan.stage} (${['n', 'op', ...keyColumns(plan).map(({ stage }) => stage)].join(', ')})`);
  const missing = look.deletes > 0 && plan.mode !== 'append' ? await foreseeMissingDeletes(db, plan) : [];
  const wanted = new Set([...refused, ...(await rowsWithoutData(db)), ...missing]);
  const inOrder = [...wanted].sort((a, b) => a - b);
  await keepRowData(db, inOrder, pick, async (rows) => {
    const unread = rows.filter(({ row }) => refused.has(row));
    if (unread.length === 0) return;
    await judgeRows(db, plan, unread, serverVersion);
    await keepKeysOfRefusedRows(db, plan, unread);
  });
}
