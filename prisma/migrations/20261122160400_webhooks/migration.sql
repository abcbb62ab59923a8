-- CreateEnum
CREATE TYPE "carga"."webhook_delivery_status" AS ENUM ('pending', 'delivered', 'failed');

-- CreateTable
CREATE TABLE "carga"."webhooks" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "figuras" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "events" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_until" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."webhook_deliveries" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "webhook_id" UUID NOT NULL,
    "event" TEXT NOT NULL,
    "job_id" UUID,
    "body" TEXT NOT NULL,
    "status" "carga"."webhook_delivery_status" NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "tries_left" INTEGER NOT NULL DEFAULT 8,
    "tries" JSONB NOT NULL DEFAULT '[]',
    "next_try_at" TIMESTAMPTZ(6) DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhook_deliveries_webhook_id_created_at_id_idx" ON "carga"."webhook_deliveries"("webhook_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_deliveries_created_at_idx" ON "carga"."webhook_deliveries"("created_at");

-- AddForeignKey
ALTER TABLE "carga"."webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "carga"."webhooks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Puts a delivery into the queue. One endpoint's deliveries go one after another (its queue name), so that an endpoint
-- that hangs takes one of a worker's places, not all; a delivery has one task at most (its key).
CREATE FUNCTION carga.enqueue_webhook_delivery(webhook uuid, delivery uuid, at timestamptz DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM graphile_worker.add_job('deliver-webhook',
    payload => json_build_object('version', 1, 'deliveryId', delivery),
    queue_name => 'webhook:' || webhook, run_at => at, job_key => 'webhook:' || delivery);
END $$;

CREATE FUNCTION carga.rfc3339(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- A trigger, not a call of the application: many statements end a job, and none of them can forget to tell. What is told
-- is written here, in the transaction that ends the job: a job that is tried again later does not change it.
CREATE FUNCTION carga.jobs_tell_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told text := CASE NEW.status WHEN 'complete' THEN 'job.finished' WHEN 'error' THEN 'job.failed' ELSE 'job.cancelled' END;
  webhook uuid;
  delivery uuid;
BEGIN
  FOR webhook IN
    SELECT w.id FROM carga.webhooks w
     WHERE w.enabled AND told = ANY (w.events) AND ('*' = ANY (w.figuras) OR NEW.figura = ANY (w.figuras))
     -- Always in the same order: two jobs that end at once must not wait for each other's queue names.
     ORDER BY w.id
  LOOP
    INSERT INTO carga.webhook_deliveries (webhook_id, event, job_id, body)
    VALUES (webhook, told, NEW.id, json_build_object(
      'type', told,
      'timestamp', carga.rfc3339(NEW.finished_at),
      'data', json_build_object(
        'id', NEW.id, 'figura', NEW.figura, 'status', NEW.status, 'result', NEW.result, 'dryRun', NEW.dry_run,
        'rows', json_build_object(
          'read', NEW.rows_read, 'inserted', NEW.rows_inserted, 'updated', NEW.rows_updated, 'deleted', NEW.rows_deleted,
          'unchanged', NEW.rows_unchanged, 'skipped', NEW.rows_skipped, 'rejected', NEW.rows_rejected),
        'error', CASE WHEN NEW.error_code IS NOT NULL THEN
          json_build_object('code', NEW.error_code, 'details', coalesce(NEW.error_details, '{}')) END,
        'file', json_build_object('name', NEW.file_name, 'size', NEW.file_size_bytes, 'format', NEW.file_format),
        'attempts', NEW.attempt,
        'createdAt', carga.rfc3339(NEW.created_at), 'startedAt', carga.rfc3339(NEW.started_at),
        'finishedAt', carga.rfc3339(NEW.finished_at),
        'createdBy', json_build_object(
          'kind', CASE NEW.created_by_kind WHEN 'api_key' THEN 'apiKey' ELSE NEW.created_by_kind::text END,
          'name', NEW.created_by_name),
        'path', '/api/' || NEW.figura || '/_bulk/status/' || NEW.id))::text)
    RETURNING id INTO delivery;
    PERFORM carga.enqueue_webhook_delivery(webhook, delivery);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER jobs_tell_webhooks AFTER UPDATE ON carga.jobs FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('complete', 'error', 'cancelled'))
  EXECUTE FUNCTION carga.jobs_tell_webhooks();
