-- Secrets of webhooks are sealed from now on. A worker of a release before this one would take a sealed one for the key
-- itself and sign with it: deliveries get another name in the queue, which such a worker does not know.
CREATE OR REPLACE FUNCTION carga.enqueue_webhook_delivery(webhook uuid, delivery uuid, at timestamptz DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM graphile_worker.add_job('send-webhook',
    payload => json_build_object('version', 1, 'deliveryId', delivery),
    queue_name => 'webhook:' || webhook, run_at => at, job_key => 'webhook:' || delivery);
END $$;

-- Those that wait already, too: a task of the same key is replaced. A new database has no queue yet.
DO $$ BEGIN
  IF to_regnamespace('graphile_worker') IS NOT NULL THEN
    PERFORM carga.enqueue_webhook_delivery(webhook_id, id, next_try_at)
       FROM carga.webhook_deliveries WHERE status = 'pending' ORDER BY webhook_id;
  END IF;
END $$;
