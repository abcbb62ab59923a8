import type { DbClient } from '../db/pool.ts';
import { checkRows, lookAtStage, mayKeysRepeat, skipRepeatedKeys } from './check-rows.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import type { LoadSession } from './load-session.ts';
import { noteRowsToJudge } from './reject-rows.ts';
import { findRefusedRows, type StagedRows } from './stage-rows.ts';

// A sample of 3,000 rows tells the planner as much as one of 30,000 here: how many rows, how many keys.
const STATISTICS_TARGET = 10;

// Of fewer rows a second session costs what it saves.
const MANY_ROWS = 100_000;

/**
 * Finds the rows that cannot be applied, before any lock is taken: those COPY refused, those the table would refuse,
 * those a later row replaces. @returns whether rows of the stage may have op `D`
 */
export async function validateRows(session: LoadSession, plan: LoadPlan, staged: StagedRows): Promise<boolean> {
  const { db } = session;
  const { hasDeletes, mayRepeat } =
    staged.staged === staged.read ? await checkWhole(db, plan) : await checkRest(session, plan, staged);
  if (mayRepeat) await skipRepeatedKeys(db, plan);
  // What stands in the other columns does not matter to the merge.
  await db.query(`set default_statistics_target = ${STATISTICS_TARGET}`);
  await db.query(`analyze ${plan.stage} (${['n', 'op', ...keyColumns(plan).map(({ stage }) => stage)].join(', ')})`);
  return hasDeletes;
}

/** What was learnt of the stage on the way. */
interface Learnt {
  hasDeletes: boolean;
  mayRepeat: boolean;
}

/** Every row of the file is in the stage. The first question is shared by several processes, so nothing is asked beside it. */
async function checkWhole(db: DbClient, plan: LoadPlan): Promise<Learnt> {
  const { hasFaults, hasDeletes } = await lookAtStage(db, plan);
  await checkRows(db, plan, hasFaults);
  return { hasDeletes, mayRepeat: await mayKeysRepeat(db, plan) };
}

/**
 * COPY refused rows. Then a check nearly always refuses some too, and a look before it would be a scan for nothing; and
 * what PostgreSQL answers with one process each is asked side by side (1M rows: 0.7 s instead of 1.4).
 */
async function checkRest(session: LoadSession, plan: LoadPlan, staged: StagedRows): Promise<Learnt> {
  const { db } = session;
  const check = async () => {
    for await (const runs of findRefusedRows(db, plan, staged.read)) await noteRowsToJudge(db, runs);
    await checkRows(db, plan, true);
  };
  const hasDeletes = plan.opSource !== null;
  if (staged.staged < MANY_ROWS) {
    await check();
    return { hasDeletes, mayRepeat: await mayKeysRepeat(db, plan) };
  }
  const other = await session.openSibling();
  try {
    const [mayRepeat] = await Promise.all([mayKeysRepeat(other.db, plan), check()]);
    return { hasDeletes, mayRepeat };
  } finally {
    await other.close();
  }
}
