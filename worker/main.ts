import '#lib/process/require-node.ts';
import { EventEmitter } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkerUtils, Logger as QueueLogger, run, type WorkerEvents } from 'graphile-worker';
import { findApplicationUrl } from '#lib/db/application-role.ts';
import { createPool } from '#lib/db/pool.ts';
import { EnvError, readWorkerEnv, type WorkerEnv } from '#lib/env.ts';
import { SIDE_LANE_BYTES } from '#lib/load/stage-rows.ts';
import { createLogger, type Logger } from '#lib/log.ts';
import { makeTempFolder } from '#lib/process/temp-folder.ts';
import { watchParent } from '#lib/process/watch-parent.ts';
import { CHUNK_TASK, helperFlag } from '#lib/queue/chunk-task.ts';
import { LOAD_TASK } from '#lib/queue/load-task.ts';
import { registerWorker } from '#lib/queue/worker-registry.ts';
import { createStorage } from '#lib/storage/bucket.ts';
import { createFailpoints } from './failpoints.ts';
import { recoverDeadWorkers } from './recover.ts';
import { runDeliveries } from './run-deliveries.ts';
import { createChunkTask } from './tasks/chunk.ts';
import { createLoadTask } from './tasks/load.ts';
import { createSweepTask, SWEEP_TASK } from './tasks/sweep.ts';

// A dead worker's lock is free after 20 ms; looking this often keeps a job's pause within a few seconds.
const RECOVER_INTERVAL_MS = 2000;
// How long a load that is nearly done may go on after SIGTERM before it is handed back to the queue.
const DRAIN_MS = 8000;
// Long enough to hand tasks back, short enough that a supervisor soon starts another.
const FAILED_CLEAN_UP_MS = 5000;
// A load takes one or two sessions of its own; these are for the queue, claims, progress and webhooks.
const POOL_SIZE_BESIDE_LOADS = 8;

function queueLogger(logger: Logger): QueueLogger {
  return new QueueLogger((scope) => (level, message, meta) => {
    // The queue tells of every task; the job's own log says it better.
    const write = level === 'error' ? logger.error : level === 'warning' ? logger.warn : logger.debug;
    write(message, { queue: scope.label, ...(meta?.error ? { error: meta.error } : {}) });
  });
}

/** Runs a worker until a signal asks it to end. Resolves with the exit code. */
async function runWorker(env: WorkerEnv, logger: Logger): Promise<number> {
  const tempDirectory = await makeTempFolder('worker', env.CARGA_TEMP_DIR);
  const worker = await registerWorker(env.DATABASE_URL, { concurrency: env.WORKER_CONCURRENCY });
  // Also while it still starts, and waits for an answer that never comes.
  worker.lost.catch((error) => {
    setTimeout(() => {
      logger.error('worker did not end by itself', { error });
      process.exit(1);
    }, 2 * FAILED_CLEAN_UP_MS).unref();
  });
  // Every session bears the worker's name: whoever finds the worker dead ends what is left of them.
  const pool = createPool({
    connectionString: env.DATABASE_URL,
    applicationName: worker.applicationName,
    max: env.WORKER_CONCURRENCY + POOL_SIZE_BESIDE_LOADS,
  });
  const storage = createStorage(env);
  const utils = await makeWorkerUtils({ pgPool: pool, logger: queueLogger(logger) });
  const events: WorkerEvents = new EventEmitter();
  const named = new Promise<string>((resolve) => {
    events.once('pool:create', ({ workerPool }) => resolve(workerPool.id));
  }).then((poolId) => worker.setPoolId(poolId));
  named.catch(() => {});
  const shutdown = new AbortController();
  const atStep = createFailpoints(env.CARGA_FAILPOINTS, logger);
  const context = {
    connectionString: env.DATABASE_URL,
    pool,
    storage,
    workerId: worker.id,
    applicationName: worker.applicationName,
    tempDirectory,
    maxFileBytes: env.MAX_FILE_BYTES,
    sideLaneBytes: SIDE_LANE_BYTES,
    logger,
    atStep,
  };
  const ledJobs = new Set<string>();
  const loadTask = createLoadTask({ ...context, chunkRows: env.CARGA_CHUNK_ROWS }, shutdown.signal, ledJobs);
  const chunkTask = createChunkTask(context, shutdown.signal);
  const runner = await run({
    pgPool: pool,
    concurrency: env.WORKER_CONCURRENCY,
    noHandleSignals: true,
    // LISTEN brings new tasks at once; polling finds those whose time has come.
    pollInterval: 1000,
    // Other workers help with the jobs this one leads: a second reader here would take the memory of a second job.
    forbiddenFlags: () => [...ledJobs].map(helperFlag),
    gracefulShutdownAbortTimeout: DRAIN_MS,
    logger: queueLogger(logger),
    events,
    crontab: `*/10 * * * * ${SWEEP_TASK} ?jobKey=${SWEEP_TASK}`,
    taskList: {
      [LOAD_TASK]: async (payload, helpers) => {
        await named;
        await loadTask(payload, helpers);
      },
      [CHUNK_TASK]: async (payload, helpers) => {
        await named;
        await chunkTask(payload, helpers);
      },
      [SWEEP_TASK]: createSweepTask({ pool, storage, logger }),
    },
  });
  const deliveries = await runDeliveries(
    { pool, allowedHosts: env.WEBHOOK_ALLOWED_HOSTS, logger },
    env,
    queueLogger(logger),
  );
  await named;
  logger.info('worker is ready', { worker: worker.number, concurrency: env.WORKER_CONCURRENCY });

  let isRecovering = false;
  const recover = async () => {
    if (isRecovering) return;
    isRecovering = true;
    await recoverDeadWorkers({ pool, utils, ownId: worker.id, logger })
      .catch((error) => logger.warn('looking for dead workers failed', { error }))
      .finally(() => {
        isRecovering = false;
      });
  };
  await recover();
  const recovery = setInterval(() => void recover(), RECOVER_INTERVAL_MS);

  const asked = waitForEnd(env, logger);
  // The runner's promise also *resolves* when its pool dies: any settlement nobody asked for is fatal.
  const stopped = Promise.race([runner.promise, deliveries.promise]).then(() => new Error('the queue stopped'));
  const failed = Promise.race([stopped, worker.lost]).catch((error: unknown) => error);
  const end = await Promise.race([asked.first, failed]);
  clearInterval(recovery);
  const hasFailed = end !== 'asked';
  if (hasFailed) logger.error('worker failed', { error: end });
  else logger.info('worker is ending');
  const handBack = setTimeout(() => shutdown.abort(), hasFailed ? 0 : DRAIN_MS);
  asked.second.then(() => shutdown.abort());
  const cleanUp = async () => {
    const stops = [runner.stop(), deliveries.stop()];
    const ends = await Promise.allSettled(stops);
    for (const end of ends) {
      if (end.status === 'rejected') logger.warn('the queue did not stop cleanly', { error: end.reason });
    }
    await worker.leave();
    await utils.release();
    await pool.end().catch(() => {});
    await rm(tempDirectory, { recursive: true, force: true });
  };
  // Alive but idle is the worst a worker can be: one that failed ends within seconds whatever hangs.
  await Promise.race([cleanUp(), hasFailed ? sleep(FAILED_CLEAN_UP_MS) : asked.never]);
  clearTimeout(handBack);
  return hasFailed ? 1 : 0;
}

/** The first and the second time somebody asks this process to end; its supervisor's death counts as asking twice. */
function waitForEnd(env: WorkerEnv, logger: Logger) {
  let hurry: () => void = () => {};
  const second = new Promise<void>((resolve) => {
    hurry = resolve;
  });
  const first = new Promise<'asked'>((resolve) => {
    let times = 0;
    const ask = () => {
      times += 1;
      resolve('asked');
      if (times > 1) hurry();
    };
    process.on('SIGTERM', ask);
    process.on('SIGINT', ask);
    if (env.CARGA_SUPERVISED) {
      watchParent(() => {
        logger.warn('the launcher is gone');
        process.exit(1);
      });
    }
  });
  return { first, second, never: new Promise<never>(() => {}) };
}

let logger = createLogger({ process: 'worker' });
try {
  // biome-ignore lint/style/noProcessEnv: read once, at the start of the process
  const env = readWorkerEnv(process.env);
  if (env.CARGA_LOG_DEBUG) logger = createLogger({ process: 'worker' }, { level: 'debug' });
  env.DATABASE_URL = await findApplicationUrl(env.DATABASE_URL);
  process.exit(await runWorker(env, logger));
} catch (error) {
  if (error instanceof EnvError) console.error(error.message);
  else logger.error('worker could not start', { error });
  process.exit(1);
}
