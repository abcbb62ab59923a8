-- What a dry run would change, for a sample of rows.
ALTER TABLE "carga"."jobs" ADD COLUMN "changes" JSONB;
