import type { StackClient } from './stack-client.ts';

/** How often the keys of a table were written: what an idempotent upsert would hide. */
export interface Writes {
  rows: number;
  writes: number;
  keys: number;
}

/** Makes `falhas.<name>` (id uuid, nome, valor, dados) whose triggers note each write, and registers it as a figura. */
export async function createWatchedTable(client: StackClient, name: string): Promise<void> {
  await client.db.query(`
    create schema if not exists falhas;
    create table falhas.${name} (id uuid primary key, nome text, valor numeric(15,2), dados jsonb);
    create table falhas.${name}_writes (id uuid);
    create function falhas.${name}_note() returns trigger language plpgsql as
      $f$ begin insert into falhas.${name}_writes select id from written; return null; end $f$;
    create trigger note_inserts after insert on falhas.${name} referencing new table as written
      for each statement execute function falhas.${name}_note();
    create trigger note_updates after update on falhas.${name} referencing new table as written
      for each statement execute function falhas.${name}_note()`);
  const made = await client.call('POST', '/api/figuras', { name, table: `falhas.${name}` });
  if (made.status !== 201) throw new Error(`figura ${name}: ${made.status} ${made.text}`);
}

/** Reads what the triggers noted. */
export async function readWrites(client: StackClient, name: string): Promise<Writes> {
  const { rows } = await client.db.query(
    `select (select count(*)::int from falhas.${name}) as rows, count(*)::int as writes, count(distinct id)::int as keys
       from falhas.${name}_writes`,
  );
  return rows[0];
}
