import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { COLUMNS } from './data.ts';

/** The table everybody loads. */
export const TARGET = 'bench.alvo';

const DEFINITION = `(
  id uuid not null, pessoa text, nome text not null, tipo smallint, ativo boolean,
  limite numeric(15,2), criado timestamptz, dados jsonb)`;

/** Makes the table, empty. */
export async function createTarget(db: pg.Client): Promise<void> {
  await db.query(`create schema if not exists bench`);
  await db.query(`create table ${TARGET} ${DEFINITION}; alter table ${TARGET} add primary key (id)`);
}

/** Keeps rows that the table has before a run. */
export async function createBase(db: pg.Client, name: string, file: string): Promise<void> {
  await db.query(`create unlogged table bench.base_${name} ${DEFINITION}`);
  await pipeline(createReadStream(file), db.query(copyFrom(`copy bench.base_${name} from stdin`)));
}

/** Puts the table back as it was before any run: made anew, its pages packed, its statistics fresh, nothing unwritten. */
export async function resetTarget(db: pg.Client, base: string | null): Promise<void> {
  await db.query(`drop table if exists ${TARGET}`);
  await db.query(`create table ${TARGET} ${DEFINITION}`);
  if (base !== null) await db.query(`insert into ${TARGET} select * from bench.base_${base}`);
  await db.query(`alter table ${TARGET} add primary key (id)`);
  await db.query(`vacuum (analyze) ${TARGET}`);
  await db.query('checkpoint');
}

/** A number that tables have in common when they hold the same rows. */
export async function hashTarget(db: pg.Client): Promise<string> {
  const { rows } = await db.query(
    `select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) as hash from ${TARGET} t`,
  );
  return rows[0].hash;
}

/** `nome = s.nome, …` and the like over all columns but the key. */
export function overValues(write: (name: string) => string): string {
  return COLUMNS.filter((name) => name !== 'id')
    .map(write)
    .join(', ');
}

/** Types of the columns, in their order. */
export const TYPES = ['uuid', 'text', 'text', 'smallint', 'boolean', 'numeric(15,2)', 'timestamptz', 'jsonb'] as const;
