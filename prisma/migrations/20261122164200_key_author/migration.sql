-- Who made a key: a person, another key, or the service itself at its start.
ALTER TABLE "carga"."api_keys" ADD COLUMN "created_by_kind" "carga"."actor_kind" NOT NULL DEFAULT 'system',
ADD COLUMN "created_by_name" TEXT NOT NULL DEFAULT 'carga';

UPDATE "carga"."api_keys" AS k
   SET "created_by_kind" = 'user', "created_by_name" = u."name"
  FROM "carga"."users" AS u
 WHERE u."id" = k."created_by_id";
