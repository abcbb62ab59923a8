import { type Caller, visibleFiguras } from '../access/caller.ts';
import type { DbPool } from '../db/pool.ts';

/** More than a person looks through; further names can be typed. */
const MAX_NAMES = 200;

/**
 * Names of those who asked for jobs that the caller may see, in alphabetical order. Each name is looked up after the one
 * before it in the index of the list: `distinct` would read a million jobs for two hundred names.
 */
export async function listJobAuthors(pool: DbPool, caller: Caller): Promise<string[]> {
  const { rows } = await pool.query(
    `with recursive authors (name) as (
       (select created_by_name from carga.jobs order by created_by_name limit 1)
       union all
       select (select j.created_by_name from carga.jobs j where j.created_by_name > a.name order by j.created_by_name limit 1)
         from authors a where a.name is not null
     )
     select a.name from authors a
      where a.name is not null and ($1::text[] is null
        or exists (select from carga.jobs j where j.created_by_name = a.name and j.figura = any($1)))
      limit $2`,
    [visibleFiguras(caller), MAX_NAMES],
  );
  return rows.map(({ name }) => name);
}
