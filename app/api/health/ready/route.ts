import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { countLiveWorkers } from '#lib/queue/worker-registry.ts';
import { checkBucket } from '#lib/storage/bucket.ts';

// Without a limit a probe would wait as long as a dead network does.
const CHECK_MS = 5000;

async function isFine(check: Promise<unknown>): Promise<boolean> {
  const timeout = new Promise<never>((_resolve, reject) =>
    setTimeout(() => reject(new Error('timeout')), CHECK_MS).unref(),
  );
  return Promise.race([check, timeout]).then(
    (result) => result !== 0,
    () => false,
  );
}

/** Whether work can be done: the database and the bucket answer, and a worker is alive. */
export const GET = route('GET /api/health/ready', async ({ pool, storage, env }) => {
  const [database, bucket, worker] = await Promise.all([
    isFine(pool.query('select 1')),
    isFine(checkBucket(storage, env.S3_BUCKET)),
    isFine(countLiveWorkers(pool)),
  ]);
  const isReady = database && bucket && worker;
  const status = isReady ? 'ready' : 'unavailable';
  return json({ status, database, bucket, worker }, { status: isReady ? 200 : 503 });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/health/ready');
