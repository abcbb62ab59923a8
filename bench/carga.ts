import { createReadStream, statSync } from 'node:fs';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { JobDto } from '#lib/api/schemas.ts';
import type { Stack } from '#tests/support/stack.ts';
import type { StackClient } from '#tests/support/stack-client.ts';
import type { Phases } from './floor.ts';
import { TARGET } from './target.ts';

/** The figura that stands for the table. */
const FIGURA = 'alvo';

/** Makes the table known. */
export async function registerTarget(client: StackClient): Promise<void> {
  const answer = await client.call('POST', '/api/figuras', { name: FIGURA, table: TARGET });
  if (answer.status !== 201) throw new Error(`the figura was refused: ${answer.text}`);
}

/** Puts a file into the bucket. @returns its address */
export async function putFile({ s3 }: Stack, file: string, key: string): Promise<string> {
  const { endpoint, region, bucket, ...credentials } = s3;
  const storage = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const ContentLength = statSync(file).size;
  await storage.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength }));
  storage.destroy();
  return `s3://${bucket}/${key}`;
}

/** One load: from the PUT until the job is known to have ended. */
export async function runCarga(client: StackClient, url: string): Promise<{ job: JobDto; phases: Phases }> {
  const enqueued = await client.enqueue(FIGURA, { url, force: true });
  if (enqueued.status !== 202) throw new Error(`the load was refused: ${enqueued.text}`);
  const job = await client.untilEnd(FIGURA, enqueued.json.id, 3600);
  if (job.status !== 'complete') throw new Error(`the load ended as ${job.status}: ${JSON.stringify(job)}`);
  const { queuedMs, readMs, stageMs, validateMs, mergeMs } = job.timings;
  const phases = {
    queue: queuedMs / 1000,
    read: readMs / 1000,
    stage: stageMs / 1000,
    check: validateMs / 1000,
    merge: mergeMs / 1000,
  };
  return { job, phases };
}

/** Rows the job reported one by one. */
export async function countReported(client: StackClient, job: JobDto): Promise<number> {
  const { rows } = await client.db.query(
    `select count(*) as n from carga.stage_area where batch = $1 and status = 'ER'`,
    [job.id],
  );
  return Number(rows[0].n);
}
