-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "cadastro";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "carga";

-- CreateEnum
CREATE TYPE "carga"."role" AS ENUM ('viewer', 'operator', 'admin');

-- CreateEnum
CREATE TYPE "carga"."job_status" AS ENUM ('queued', 'processing', 'complete', 'error', 'cancelled');

-- CreateEnum
CREATE TYPE "carga"."job_phase" AS ENUM ('reading', 'staging', 'validating', 'merging', 'done');

-- CreateEnum
CREATE TYPE "carga"."job_result" AS ENUM ('success', 'partial', 'failed');

-- CreateEnum
CREATE TYPE "carga"."job_mode" AS ENUM ('merge', 'append', 'snapshot');

-- CreateEnum
CREATE TYPE "carga"."on_error" AS ENUM ('skip', 'abort');

-- CreateEnum
CREATE TYPE "carga"."unknown_columns" AS ENUM ('ignore', 'reject');

-- CreateEnum
CREATE TYPE "carga"."actor_kind" AS ENUM ('user', 'api_key', 'system');

-- CreateEnum
CREATE TYPE "carga"."upload_status" AS ENUM ('open', 'complete', 'aborted');

-- CreateEnum
CREATE TYPE "carga"."stage_status" AS ENUM ('RD', 'LD', 'OK', 'SK', 'ER');

-- CreateTable
CREATE TABLE "carga"."users" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT,
    "role" "carga"."role" NOT NULL DEFAULT 'viewer',
    "figuras" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "session_version" INTEGER NOT NULL DEFAULT 1,
    "disabled_at" TIMESTAMPTZ(6),
    "last_login_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."api_keys" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "role" "carga"."role" NOT NULL,
    "figuras" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "expires_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "last_used_at" TIMESTAMPTZ(6),
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."figuras" (
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "schema_name" TEXT NOT NULL,
    "table_name" TEXT NOT NULL,
    "key_columns" TEXT[],
    "op_column" TEXT NOT NULL DEFAULT 'op',
    "on_error" "carga"."on_error" NOT NULL DEFAULT 'skip',
    "max_errors" BIGINT,
    "max_file_bytes" BIGINT,
    "unknown_columns" "carga"."unknown_columns" NOT NULL DEFAULT 'ignore',
    "max_delete_ratio" DOUBLE PRECISION NOT NULL DEFAULT 0.05,
    "mapping" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "figuras_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "carga"."uploads" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "figura" TEXT NOT NULL,
    "bucket" TEXT NOT NULL,
    "object_key" TEXT NOT NULL,
    "file_name" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "content_type" TEXT NOT NULL,
    "sha256" TEXT,
    "multipart_id" TEXT,
    "part_size_bytes" INTEGER,
    "status" "carga"."upload_status" NOT NULL DEFAULT 'open',
    "etag" TEXT,
    "created_by_kind" "carga"."actor_kind" NOT NULL,
    "created_by_id" UUID,
    "created_by_name" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."jobs" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "figura" TEXT NOT NULL,
    "status" "carga"."job_status" NOT NULL DEFAULT 'queued',
    "phase" "carga"."job_phase",
    "result" "carga"."job_result",
    "mode" "carga"."job_mode" NOT NULL DEFAULT 'merge',
    "dry_run" BOOLEAN NOT NULL DEFAULT false,
    "options" JSONB NOT NULL DEFAULT '{}',
    "bucket" TEXT NOT NULL,
    "object_key" TEXT NOT NULL,
    "etag" TEXT NOT NULL,
    "version_id" TEXT,
    "file_name" TEXT NOT NULL,
    "file_size_bytes" BIGINT NOT NULL,
    "file_format" TEXT NOT NULL,
    "file_sha256" TEXT,
    "dedupe_key" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "worker_id" UUID,
    "cancel_requested_at" TIMESTAMPTZ(6),
    "revision" BIGINT NOT NULL DEFAULT 1,
    "rows_total" BIGINT,
    "rows_read" BIGINT NOT NULL DEFAULT 0,
    "rows_inserted" BIGINT NOT NULL DEFAULT 0,
    "rows_updated" BIGINT NOT NULL DEFAULT 0,
    "rows_deleted" BIGINT NOT NULL DEFAULT 0,
    "rows_unchanged" BIGINT NOT NULL DEFAULT 0,
    "rows_skipped" BIGINT NOT NULL DEFAULT 0,
    "rows_rejected" BIGINT NOT NULL DEFAULT 0,
    "percent" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "rows_per_second" DOUBLE PRECISION,
    "read_ms" INTEGER NOT NULL DEFAULT 0,
    "stage_ms" INTEGER NOT NULL DEFAULT 0,
    "validate_ms" INTEGER NOT NULL DEFAULT 0,
    "merge_ms" INTEGER NOT NULL DEFAULT 0,
    "error_code" TEXT,
    "error_details" JSONB,
    "created_by_kind" "carga"."actor_kind" NOT NULL,
    "created_by_id" UUID,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."job_events" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempt" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "job_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."stage_area" (
    "id" BIGSERIAL NOT NULL,
    "batch" UUID NOT NULL,
    "created_time" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_time" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "schema_name" TEXT NOT NULL,
    "table_name" TEXT NOT NULL,
    "columns" TEXT[],
    "data" JSONB NOT NULL,
    "status" "carga"."stage_status" NOT NULL,
    "status_message" TEXT,
    "row_number" BIGINT NOT NULL,
    "faults" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "stage_area_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."workers" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "number" SERIAL NOT NULL,
    "pool_id" TEXT NOT NULL,
    "host_name" TEXT NOT NULL,
    "process_id" INTEGER NOT NULL,
    "concurrency" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stopped_at" TIMESTAMPTZ(6),

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carga"."idempotency_keys" (
    "caller" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "job_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("caller","key")
);

-- CreateTable
CREATE TABLE "carga"."audit" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" "carga"."actor_kind" NOT NULL,
    "actor_id" UUID,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "address" TEXT,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cadastro"."fornecedores" (
    "id" UUID NOT NULL,
    "pessoa" TEXT NOT NULL,
    "nome" TEXT NOT NULL,
    "fornecedor_ativado" BOOLEAN NOT NULL DEFAULT true,
    "vendedor_ativado" BOOLEAN NOT NULL DEFAULT false,
    "ficha_ativado" BOOLEAN NOT NULL DEFAULT false,
    "documento" TEXT,
    "limite_credito" DECIMAL(15,2),
    "data_cadastro" DATE,
    "atualizado_em" TIMESTAMPTZ(6),
    "enderecos" JSONB,
    "contatos" JSONB,

    CONSTRAINT "fornecedores_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "carga"."users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_secret_hash_key" ON "carga"."api_keys"("secret_hash");

-- CreateIndex
CREATE INDEX "uploads_status_expires_at_idx" ON "carga"."uploads"("status", "expires_at");

-- CreateIndex
CREATE INDEX "uploads_figura_idx" ON "carga"."uploads"("figura");

-- CreateIndex
CREATE UNIQUE INDEX "uploads_bucket_object_key_key" ON "carga"."uploads"("bucket", "object_key");

-- CreateIndex
CREATE UNIQUE INDEX "jobs_dedupe_key_key" ON "carga"."jobs"("dedupe_key");

-- CreateIndex
CREATE INDEX "jobs_created_at_id_idx" ON "carga"."jobs"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "jobs_figura_created_at_id_idx" ON "carga"."jobs"("figura", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "jobs_status_created_at_idx" ON "carga"."jobs"("status", "created_at" DESC);

-- CreateIndex
CREATE INDEX "jobs_worker_id_idx" ON "carga"."jobs"("worker_id");

-- CreateIndex
CREATE INDEX "job_events_job_id_id_idx" ON "carga"."job_events"("job_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "stage_area_batch_status_row_number_key" ON "carga"."stage_area"("batch", "status", "row_number");

-- CreateIndex
CREATE UNIQUE INDEX "workers_number_key" ON "carga"."workers"("number");

-- CreateIndex
CREATE INDEX "workers_stopped_at_idx" ON "carga"."workers"("stopped_at");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "carga"."idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "audit_at_id_idx" ON "carga"."audit"("at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_target_at_idx" ON "carga"."audit"("target", "at" DESC);

-- AddForeignKey
ALTER TABLE "carga"."api_keys" ADD CONSTRAINT "api_keys_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "carga"."users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "carga"."uploads" ADD CONSTRAINT "uploads_figura_fkey" FOREIGN KEY ("figura") REFERENCES "carga"."figuras"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "carga"."jobs" ADD CONSTRAINT "jobs_figura_fkey" FOREIGN KEY ("figura") REFERENCES "carga"."figuras"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "carga"."job_events" ADD CONSTRAINT "job_events_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "carga"."jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "carga"."stage_area" ADD CONSTRAINT "stage_area_batch_fkey" FOREIGN KEY ("batch") REFERENCES "carga"."jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;


