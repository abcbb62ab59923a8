import type { Stack } from './stack.ts';
import type { StackClient } from './stack-client.ts';

/** A presigned address is a password as long as it lives. */
const SIGNATURE = /X-Amz-Signature=(?!\[redacted\])/i;

/**
 * Where a secret of the stack stands that should not: logs of all processes, payloads of tasks, jobs, the audit, and the
 * texts given. Empty when nowhere.
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
  const dump = async (sql: string) => JSON.stringify((await db.query(sql)).rows);
  const places: Record<string, string> = {
    logs: stack.readLogs(),
    tasks: await dump('select * from graphile_worker._private_jobs'),
    jobs: await dump('select * from carga.jobs'),
    events: await dump('select * from carga.job_events'),
    audit: await dump('select * from carga.audit'),
    keys: await dump('select * from carga.api_keys'),
    answers: texts.join('\n'),
  };
  return Object.entries(places).flatMap(([place, text]) => [
    ...secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret.slice(0, 4)}…`),
    ...(SIGNATURE.test(text) ? [`${place}: a signature`] : []),
  ]);
}
