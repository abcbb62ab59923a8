-- A key now stands for an answer, not for a job, and within one route. The keys there are live for a day and knew no
-- answer; without them the file itself is still recognised.
DELETE FROM "carga"."idempotency_keys";

-- AlterTable
ALTER TABLE "carga"."idempotency_keys" DROP CONSTRAINT "idempotency_keys_pkey",
DROP COLUMN "job_id",
ADD COLUMN     "route" TEXT NOT NULL,
ADD COLUMN     "claim" UUID NOT NULL,
ADD COLUMN     "claimed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "answer" TEXT,
ADD CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("caller", "route", "key");

-- CreateIndex
CREATE INDEX "jobs_file_sha256_idx" ON "carga"."jobs"("file_sha256");
