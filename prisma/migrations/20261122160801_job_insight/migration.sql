-- The job whose rejected rows a file mends, and what was wrong with the rows of a job: [{ code, column, count }].
ALTER TABLE "carga"."jobs" ADD COLUMN "mends_job_id" UUID,
ADD COLUMN "row_faults" JSONB;

-- CreateIndex
CREATE INDEX "jobs_mends_job_id_idx" ON "carga"."jobs"("mends_job_id");

-- AddForeignKey
ALTER TABLE "carga"."jobs" ADD CONSTRAINT "jobs_mends_job_id_fkey" FOREIGN KEY ("mends_job_id") REFERENCES "carga"."jobs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- How far each attempt was when: what the page draws.
CREATE TABLE "carga"."job_samples" (
    "job_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "elapsed_ms" INTEGER NOT NULL,
    "phase" "carga"."job_phase" NOT NULL,
    "rows_read" BIGINT NOT NULL,

    CONSTRAINT "job_samples_pkey" PRIMARY KEY ("job_id","attempt","elapsed_ms")
);

-- AddForeignKey
ALTER TABLE "carga"."job_samples" ADD CONSTRAINT "job_samples_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "carga"."jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
