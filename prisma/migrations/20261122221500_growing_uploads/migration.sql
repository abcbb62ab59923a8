-- An upload of a file that is still being made: its size is known when its parts are put together.
ALTER TABLE "carga"."uploads" ALTER COLUMN "size_bytes" DROP NOT NULL;
