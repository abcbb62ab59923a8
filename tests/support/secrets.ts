import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Stack } from './stack.ts';
import type { StackClient } from './stack-client.ts';

/** A presigned address is a password as long as it lives. */
const SIGNATURE = /X-Amz-Signature=(?!\[redacted\])/i;

type Secretive = Pick<
  Stack,
  'apiKey' | 'administrator' | 's3' | 'databaseUrl' | 'applicationUrl' | 'dataDirectory' | 'readLogs'
>;

/** What nobody but the processes of a stack may know. */
function secretsOf(stack: Secretive): string[] {
  const passwords = [stack.databaseUrl, stack.applicationUrl]
    .map((url) => new URL(url))
    // A role made for one test alone is known by its name.
    .filter(({ username, password }) => username !== password)
    .map(({ password }) => decodeURIComponent(password));
  const authSecret = readFileSync(path.join(stack.dataDirectory, 'auth-secret'), 'utf8').trim();
  return [stack.apiKey, stack.administrator.password, stack.s3.secretAccessKey, authSecret, ...passwords].filter(
    (secret) => secret !== '',
  );
}

function findIn(place: string, text: string, secrets: readonly string[]): string[] {
  return [
    ...secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret.slice(0, 4)}…`),
    ...(SIGNATURE.test(text) ? [`${place}: a signature`] : []),
  ];
}

/** Secrets that stand in what the processes of a stack wrote: looked for whenever one is stopped. */
export function findLoggedSecrets(stack: Secretive): string[] {
  return findIn('logs', stack.readLogs(), secretsOf(stack));
}

/**
 * Where a secret of the stack stands that should not: logs of all processes, every table of ours and of the queue, and
 * the texts given. Empty when nowhere.
 */
export async function findSecrets(
  stack: Stack,
  { db }: StackClient,
  texts: readonly string[],
  more: readonly string[] = [],
): Promise<string[]> {
  const secrets = [...secretsOf(stack), ...more].filter((secret) => secret !== '');
  const tables = await db.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('carga', 'graphile_worker')`,
  );
  const places: Record<string, string> = { logs: stack.readLogs(), answers: texts.join('\n') };
  for (const { name } of tables.rows) {
    places[name] = JSON.stringify((await db.query(`select * from ${name}`)).rows);
  }
  return Object.entries(places).flatMap(([place, text]) => findIn(place, text, secrets));
}
