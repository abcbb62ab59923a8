import type { Stack } from './stack.ts';
import type { StackClient } from './stack-client.ts';

/** A presigned address is a password as long as it lives. */
const SIGNATURE = /X-Amz-Signature=(?!\[redacted\])/i;

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
  const secrets = [
    stack.apiKey,
    stack.administrator.password,
    stack.s3.secretAccessKey,
    ...[stack.databaseUrl, stack.applicationUrl].map((url) => decodeURIComponent(new URL(url).password)),
    ...more,
  ].filter((secret) => secret !== '');
  const tables = await db.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('carga', 'graphile_worker')`,
  );
  const places: Record<string, string> = { logs: stack.readLogs(), answers: texts.join('\n') };
  for (const { name } of tables.rows) {
    places[name] = JSON.stringify((await db.query(`select * from ${name}`)).rows);
  }
  return Object.entries(places).flatMap(([place, text]) => [
    ...secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret.slice(0, 4)}…`),
    ...(SIGNATURE.test(text) ? [`${place}: a signature`] : []),
  ]);
}
