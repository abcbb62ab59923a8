import { countLiveWorkers } from '#lib/queue/worker-registry.ts';
import { getServices } from '#lib/services.ts';
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
export async function GET(): Promise<Response> {
  let services: ReturnType<typeof getServices>;
  try {
    services = getServices();
  } catch {
    return Response.json({ status: 'unavailable', settings: false }, { status: 503 });
  }
  const { pool, storage, env } = services;
  const [database, bucket, worker] = await Promise.all([
    isFine(pool.query('select 1')),
    isFine(checkBucket(storage, env.S3_BUCKET)),
    isFine(countLiveWorkers(pool)),
  ]);
  const isReady = database && bucket && worker;
  return Response.json(
    { status: isReady ? 'ready' : 'unavailable', database, bucket, worker },
    { status: isReady ? 200 : 503, headers: { 'cache-control': 'no-store' } },
  );
}
