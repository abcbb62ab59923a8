import type { S3Client } from '@aws-sdk/client-s3';
import type { Task } from 'graphile-worker';
import type { DbPool } from '#lib/db/pool.ts';
import { dropOrphanStages } from '#lib/load/create-stage.ts';
import type { Logger } from '#lib/log.ts';
import { abortMultipart } from '#lib/storage/bucket.ts';

/** Name of the task that removes what was left behind. */
export const SWEEP_TASK = 'sweep';

/** The log of webhooks: long enough to find out what a receiver missed. */
const KEPT_DELIVERY_DAYS = 30;

/** Removes stage tables without a job, uploads nobody finished, idempotency keys past their day, old deliveries. */
export function createSweepTask(context: { pool: DbPool; storage: S3Client; logger: Logger }): Task {
  return async () => {
    const { pool, storage, logger } = context;
    const stages = await dropOrphanStages(pool);
    const uploads = await pool.query(
      `select id, bucket, object_key as key, multipart_id as "multipartId" from carga.uploads
        where status = 'open' and expires_at < clock_timestamp() - interval '1 hour' order by expires_at limit 1000`,
    );
    for (const { id, bucket, key, multipartId } of uploads.rows) {
      // The parts first: an upload whose parts could not be removed is found again.
      if (multipartId) await abortMultipart(storage, { bucket, key }, multipartId);
      await pool.query(
        `with given_up as (
           update carga.uploads set status = 'aborted', finished_at = clock_timestamp()
            where id = $1 and status = 'open' returning id, figura, file_name)
         insert into carga.audit (actor_kind, actor_name, action, target, before)
         select 'system', 'carga', 'upload.expired', 'upload:' || id, jsonb_build_object('figura', figura, 'fileName', file_name)
           from given_up`,
        [id],
      );
    }
    const keys = await pool.query(
      `delete from carga.idempotency_keys where created_at < clock_timestamp() - interval '24 hours'`,
    );
    const deliveries = await pool.query(
      `delete from carga.webhook_deliveries where created_at < clock_timestamp() - make_interval(days => $1) and status <> 'pending'`,
      [KEPT_DELIVERY_DAYS],
    );
    logger.debug('swept', {
      stages,
      uploads: uploads.rowCount,
      idempotencyKeys: keys.rowCount,
      deliveries: deliveries.rowCount,
    });
  };
}
