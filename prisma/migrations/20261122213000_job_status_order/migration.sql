-- The list of jobs in the order of their states, by an index like those of its other orders.
-- DropIndex
DROP INDEX "carga"."jobs_status_created_at_idx";

-- CreateIndex
CREATE INDEX "jobs_status_created_at_id_figura_idx" ON "carga"."jobs"("status", "created_at", "id", "figura");
