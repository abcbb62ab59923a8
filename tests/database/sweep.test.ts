// What the sweep takes away, and what it leaves.
import { randomUUID } from 'node:crypto';
import type { JobHelpers } from 'graphile-worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type DbPool } from '#lib/db/pool.ts';
import { createLogger } from '#lib/log.ts';
import { createStorage } from '#lib/storage/bucket.ts';
import { createSweepTask } from '#worker/tasks/sweep.ts';
import { createTestDatabase } from '../support/postgres.ts';

let pool: DbPool;

beforeAll(async () => {
  const database = await createTestDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'carga-test', max: 2 });
});
afterAll(() => pool?.end());

async function sweep() {
  // Uploads of one request have no parts: the bucket is not asked.
  const storage = createStorage({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
  const logger = createLogger({}, { level: 'error', write: () => {} });
  await createSweepTask({ pool, storage, logger })({}, {} as JobHelpers);
  storage.destroy();
}

test('uploads nobody finished are given up, and the audit says so', async () => {
  const make = async (expired: string) => {
    const id = randomUUID();
    await pool.query(
      `insert into carga.uploads (id, figura, bucket, object_key, file_name, size_bytes, content_type, created_by_kind,
                                  created_by_name, expires_at)
       values ($1::uuid, 'fornecedores', 'b', $1::text, 'velho.csv', 1, 'text/csv', 'api_key', 'k', clock_timestamp() - $2::interval)`,
      [id, expired],
    );
    return id;
  };
  const [old] = [await make('61 minutes'), await make('10 minutes')];
  await sweep();
  await sweep();
  expect((await pool.query(`select status, count(*)::int as n from carga.uploads group by 1 order by 1`)).rows).toEqual(
    [
      { status: 'open', n: 1 },
      { status: 'aborted', n: 1 },
    ],
  );
  const audit = await pool.query('select actor_kind, action, target, before, result from carga.audit');
  expect(audit.rows).toEqual([
    {
      actor_kind: 'system',
      action: 'upload.expired',
      target: `upload:${old}`,
      before: { figura: 'fornecedores', fileName: 'velho.csv' },
      result: 'done',
    },
  ]);
});

test('keys past their day and deliveries past their month go; what waits stays', async () => {
  const key = (name: string, age: string) =>
    pool.query(
      `insert into carga.idempotency_keys (caller, route, key, request_hash, claim, created_at)
       values ('c', 'r', $1, 'h', gen_random_uuid(), clock_timestamp() - $2::interval)`,
      [name, age],
    );
  await Promise.all([key('velha', '25 hours'), key('nova', '23 hours')]);
  const webhook = await pool.query(
    `insert into carga.webhooks (url, secret) values ('https://x.example', 'whsec_x') returning id`,
  );
  const delivery = (status: string, age: string) =>
    pool.query(
      `insert into carga.webhook_deliveries (webhook_id, event, body, status, created_at)
       values ($1, 'job.finished', $3::text, $2::carga.webhook_delivery_status, clock_timestamp() - $3::interval)`,
      [webhook.rows[0].id, status, age],
    );
  await Promise.all([delivery('delivered', '31 days'), delivery('pending', '32 days'), delivery('failed', '29 days')]);
  await sweep();
  expect((await pool.query('select key from carga.idempotency_keys')).rows).toEqual([{ key: 'nova' }]);
  const left = await pool.query('select body from carga.webhook_deliveries order by 1');
  expect(left.rows).toEqual([{ body: '29 days' }, { body: '32 days' }]);
});
