import { z } from 'zod';
import { type Caller, visibleFiguras } from '../access/caller.ts';
import type { DbPool } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import type { JobSort } from '../job/job-sorts.ts';
import { JOB_COLUMNS, type JobRow } from './job-dto.ts';
import { withWaiting } from './job-waiting.ts';
import { decodeCursor, isUuid } from './paging.ts';
import type { JobFilter } from './query-schemas.ts';

/** A job of a list, and where it stands in its order: the keys it is sorted by as texts. */
export type ListedJob = JobRow & { position: string[] };

const CREATED = ['j.created_at', 'timestamptz'] as const;
// Each has an index: its keys, then the id, which breaks ties, then status and figura. `duration` is that of ended jobs,
// the others come first.
const SORT_KEYS: Record<JobSort, readonly (readonly [key: string, type: string])[]> = {
  createdAt: [CREATED],
  status: [['j.status', 'carga.job_status'], CREATED],
  fileName: [['lower(j.file_name)', 'text'], CREATED],
  figura: [['j.figura', 'text'], CREATED],
  author: [['j.created_by_name', 'text'], CREATED],
  rows: [['j.rows_read', 'bigint'], CREATED],
  rejected: [['j.rows_rejected', 'bigint'], CREATED],
  duration: [['coalesce(extract(epoch from j.finished_at - j.started_at), -1)', 'numeric'], CREATED],
};

// Filters that an index of an order does not hold: what many jobs have is found on the way along the list, what few have
// is found first and sorted then. Where a page is not full after this many jobs, less than one in a hundred of them fits.
const WALKED_JOBS = 5000;

const cursorSchema = z.tuple([z.string(), z.uuid()], z.string());

/** Where a job stands in a list: what a cursor says. The order is part of it, as it means nothing in another one. */
export function jobPosition({ sort, order }: JobFilter): (row: ListedJob) => string[] {
  return (row) => [`${sort} ${order}`, row.id, ...row.position];
}

/** The values of a statement, each with its number. */
class Values {
  readonly all: unknown[] = [];

  /** @returns the placeholder */
  add(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

/** Jobs the caller may see, in the order asked for; one more than the limit, to tell whether there is a next page. */
export async function listJobs(pool: DbPool, caller: Caller, filter: JobFilter): Promise<ListedJob[]> {
  return withWaiting(pool, await readJobs(pool, caller, filter));
}

async function readJobs(pool: DbPool, caller: Caller, filter: JobFilter): Promise<ListedJob[]> {
  const values = new Values();
  const inIndex = [...indexedConditions(filter, values), ...pageCondition(filter, values)];
  const others = [...otherConditions(caller, filter, values), ...textConditions(filter.q, values)];
  const keys = SORT_KEYS[filter.sort].map(([key]) => key);
  const inOrder = (names: string[]) => names.map((name) => `${name} ${filter.order}`).join(', ');
  const order = inOrder([...keys, 'j.id']);
  const limit = values.add(filter.limit + 1);
  const select = `select ${JOB_COLUMNS}, array[${keys.map((key) => `(${key})::text`).join(', ')}] as position`;
  const read = async (sql: string): Promise<ListedJob[]> => (await pool.query(sql, values.all)).rows;

  if (others.length === 0)
    return read(`${select} from carga.jobs j ${where(inIndex)} order by ${order} limit ${limit}`);
  const walked = `select * from carga.jobs j ${where(inIndex)} order by ${order} limit ${WALKED_JOBS}`;
  const found = await read(`${select} from (${walked}) j ${where(others)} order by ${order} limit ${limit}`);
  if (found.length > filter.limit) return found;
  // What is found may be a sixth of all jobs: only the keys are sorted, and only a page is read whole.
  const aliases = keys.map((_key, index) => `key_${index}`);
  const foundKeys = keys.map((key, index) => `${key} as ${aliases[index]}`).join(', ');
  return read(
    `with found as materialized (select j.id, ${foundKeys} from carga.jobs j ${where([...inIndex, ...others])}),
          page as materialized (select id from found order by ${inOrder([...aliases, 'id'])} limit ${limit})
     ${select} from page join carga.jobs j using (id) order by ${order}`,
  );
}

function where(conditions: string[]): string {
  return conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
}

/** That a job has a text in the name of its file or of who asked for it; an id is a text of its own. */
function textConditions(q: string | undefined, values: Values): string[] {
  if (!q) return [];
  if (isUuid(q)) return [`j.id = ${values.add(q)}::uuid`];
  // ILIKE takes half as long again: it makes small letters of the pattern for each job anew.
  const pattern = `lower(${values.add(`%${q.replace(/[\\%_]/g, '\\$&')}%`)}::text)`;
  return [
    `(lower(j.file_name) like ${pattern} or lower(j.created_by_name) like ${pattern})`,
    `carga.text_parts(j.file_name || ' ' || j.created_by_name) @@ carga.text_parts_query(${values.add(q)}::text)`,
  ];
}

/** What is decided in the index of the order, without a look into the table. */
function indexedConditions(filter: JobFilter, values: Values): string[] {
  const conditions: string[] = [];
  if (filter.figura) conditions.push(`j.figura = ${values.add(filter.figura)}`);
  if (filter.status?.length === 1) conditions.push(`j.status = ${values.add(filter.status[0])}::carga.job_status`);
  if (filter.from) conditions.push(`j.created_at >= ${values.add(filter.from)}::timestamptz`);
  if (filter.to) conditions.push(`j.created_at < ${values.add(filter.to)}::timestamptz`);
  if (filter.createdBy && filter.sort === 'author')
    conditions.push(`j.created_by_name = ${values.add(filter.createdBy)}`);
  return conditions;
}

function otherConditions(caller: Caller, filter: JobFilter, values: Values): string[] {
  const conditions: string[] = [];
  const figuras = visibleFiguras(caller);
  if (figuras !== null) conditions.push(`j.figura = any(${values.add(figuras)}::text[])`);
  if (filter.status && filter.status.length !== 1) {
    conditions.push(`j.status = any(${values.add(filter.status)}::carga.job_status[])`);
  }
  if (filter.createdBy && filter.sort !== 'author')
    conditions.push(`j.created_by_name = ${values.add(filter.createdBy)}`);
  return conditions;
}

/** What comes after the cursor. @throws AppError `invalid_cursor` also for a cursor of another order */
function pageCondition(filter: JobFilter, values: Values): string[] {
  const position = decodeCursor(filter.cursor, cursorSchema);
  if (!position) return [];
  const [order, id, ...texts] = position;
  const keys = SORT_KEYS[filter.sort];
  if (order !== `${filter.sort} ${filter.order}` || texts.length !== keys.length) {
    throw new AppError('invalid_cursor', 'a cursor of another order');
  }
  const left = [...keys.map(([key]) => key), 'j.id'].join(', ');
  const right = keys.map(([, type], index) => `${values.add(texts[index])}::${type}`);
  return [`(${left}) ${filter.order === 'desc' ? '<' : '>'} (${right.join(', ')}, ${values.add(id)}::uuid)`];
}
