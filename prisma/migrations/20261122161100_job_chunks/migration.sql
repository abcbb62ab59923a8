-- Large files are staged in chunks, by any worker that has a slot free.

-- CreateEnum
CREATE TYPE "carga"."chunk_status" AS ENUM ('waiting', 'staging', 'done');

-- CreateTable
CREATE TABLE "carga"."chunk_plans" (
    "job_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "plan" JSONB NOT NULL,

    CONSTRAINT "chunk_plans_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "carga"."job_chunks" (
    "job_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "first_row" BIGINT NOT NULL,
    "row_count" BIGINT NOT NULL,
    "start_byte" BIGINT,
    "end_byte" BIGINT,
    "status" "carga"."chunk_status" NOT NULL DEFAULT 'waiting',
    "token" UUID,
    "worker_id" UUID,
    "claims" INTEGER NOT NULL DEFAULT 0,
    "is_for_leader" BOOLEAN NOT NULL DEFAULT false,
    "rows_read" BIGINT NOT NULL DEFAULT 0,
    "rows_staged" BIGINT,

    CONSTRAINT "job_chunks_pkey" PRIMARY KEY ("job_id","number")
);

-- AddForeignKey
ALTER TABLE "carga"."chunk_plans" ADD CONSTRAINT "chunk_plans_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "carga"."jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "carga"."job_chunks" ADD CONSTRAINT "job_chunks_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "carga"."jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A chunk that is done says by whom, and how many of its rows are in its table.
ALTER TABLE carga.job_chunks ADD CONSTRAINT job_chunks_done_is_counted CHECK (
  CASE status
    WHEN 'waiting' THEN token IS NULL
    WHEN 'staging' THEN token IS NOT NULL
    ELSE token IS NOT NULL AND rows_staged IS NOT NULL AND rows_staged <= row_count
  END
);
