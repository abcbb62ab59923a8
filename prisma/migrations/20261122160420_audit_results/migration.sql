-- CreateEnum
CREATE TYPE "carga"."audit_result" AS ENUM ('done', 'refused');

-- AlterTable
ALTER TABLE "carga"."audit" ADD COLUMN     "result" "carga"."audit_result" NOT NULL DEFAULT 'done',
ADD COLUMN     "code" TEXT;

-- CreateIndex
CREATE INDEX "audit_actor_name_id_idx" ON "carga"."audit"("actor_name", "id" DESC);

-- CreateIndex
CREATE INDEX "audit_action_id_idx" ON "carga"."audit"("action", "id" DESC);

-- Also for sessions that set session_replication_role: a plain trigger does not fire there.
ALTER TABLE "carga"."audit" ENABLE ALWAYS TRIGGER "audit_append_only";
