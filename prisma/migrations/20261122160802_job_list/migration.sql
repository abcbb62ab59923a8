-- The list of jobs in every order it can be asked for. What it is most often narrowed by stands at the end of each index:
-- a walk along an order then looks into the table for jobs that fit alone.
-- DropIndex
DROP INDEX "carga"."jobs_figura_created_at_id_idx";

-- CreateIndex
CREATE INDEX "jobs_figura_created_at_id_status_idx" ON "carga"."jobs"("figura", "created_at", "id", "status");

-- CreateIndex
CREATE INDEX "jobs_rows_read_created_at_id_status_figura_idx" ON "carga"."jobs"("rows_read", "created_at", "id", "status", "figura");

-- CreateIndex
CREATE INDEX "jobs_rows_rejected_created_at_id_status_figura_idx" ON "carga"."jobs"("rows_rejected", "created_at", "id", "status", "figura");

-- CreateIndex
CREATE INDEX "jobs_created_by_name_created_at_id_status_figura_idx" ON "carga"."jobs"("created_by_name", "created_at", "id", "status", "figura");

CREATE INDEX jobs_file_name_lower_idx ON carga.jobs (lower(file_name), created_at, id, status, figura);
CREATE INDEX jobs_duration_idx ON carga.jobs
  ((coalesce(extract(epoch from finished_at - started_at), -1)), created_at, id, status, figura);

-- Parts of three characters of a text, in small letters. What pg_trgm does, without an extension that not every
-- installation has or lets its users create.
CREATE FUNCTION carga.trigrams(value text) RETURNS text[]
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
  RETURN ARRAY(SELECT DISTINCT substr(lower(value), place, 3) FROM generate_series(1, length(value) - 2) AS place);
CREATE INDEX jobs_trigrams_idx ON carga.jobs USING gin (carga.trigrams(file_name || ' ' || created_by_name));

-- What the overview adds up, without a look into the table.
CREATE INDEX jobs_finished_idx ON carga.jobs (finished_at)
  INCLUDE (figura, status, result, rows_read, rows_rejected, started_at, error_code, dry_run)
  WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_row_faults_idx ON carga.jobs (finished_at) WHERE row_faults IS NOT NULL;
