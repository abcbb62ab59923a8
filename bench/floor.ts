import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { COLUMNS } from './data.ts';
import { overValues, TARGET, TYPES } from './target.ts';

/** Seconds of the parts of a run, by name. */
export type Phases = Record<string, number>;

const STAGE = 'bench.floor_stage';
// The best a person writes by hand: unlogged, typed, no autovacuum to stall the DROP, keys in order, equal rows left alone.
const CREATE = `create unlogged table ${STAGE} (${COLUMNS.map((name, index) => `${name} ${TYPES[index]}`).join(', ')}, op text) with (autovacuum_enabled = false)`;
const MERGE = `merge into ${TARGET} as t using (select * from ${STAGE} order by id) as s on t.id = s.id
 when matched and s.op = 'D' then delete
 when matched and (${overValues((name) => `t.${name}`)}) is distinct from (${overValues((name) => `s.${name}`)})
   then update set ${overValues((name) => `${name} = s.${name}`)}
 when not matched and s.op is distinct from 'D' then insert values (${COLUMNS.map((name) => `s.${name}`).join(', ')})`;

const run = promisify(execFile);

/** Whether a program can be started. */
export async function isInstalled(program: string): Promise<boolean> {
  return run(program, ['--version']).then(
    () => true,
    () => false,
  );
}

/** The floor: the text copied into a stage, analysed, merged. With `psql`, or through pg where there is none. */
export async function runFloor(db: pg.Client, url: string, textFile: string, hasPsql: boolean): Promise<Phases> {
  return hasPsql ? floorByPsql(url, textFile) : floorByPg(db, textFile);
}

async function floorByPsql(url: string, textFile: string): Promise<Phases> {
  const script = path.join(path.dirname(textFile), 'floor.sql');
  const oneLine = MERGE.replaceAll('\n', ' ');
  await writeFile(
    script,
    `\\timing on\n${CREATE};\n\\copy ${STAGE} from '${textFile}'\nanalyze ${STAGE};\nbegin;\n${oneLine};\ndrop table ${STAGE};\ncommit;\n`,
  );
  const { stdout } = await run('psql', ['-d', url, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', script]);
  const [, copy, analyze, , merge, drop, commit] = [...stdout.matchAll(/: ([\d.]+) ms/g)].map(
    ([, ms]) => Number(ms) / 1000,
  );
  return { stage: copy ?? 0, analyze: analyze ?? 0, merge: (merge ?? 0) + (drop ?? 0) + (commit ?? 0) };
}

async function floorByPg(db: pg.Client, textFile: string): Promise<Phases> {
  const phases: Phases = {};
  const timed = async (name: string, work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    phases[name] = (performance.now() - start) / 1000;
  };
  await db.query(CREATE);
  await timed('stage', () => pipeline(createReadStream(textFile), db.query(copyFrom(`copy ${STAGE} from stdin`))));
  await timed('analyze', () => db.query(`analyze ${STAGE}`));
  await timed('merge', () => db.query(`begin; ${MERGE}; drop table ${STAGE}; commit`));
  return phases;
}
