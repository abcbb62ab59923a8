-- Columns that every file of a figura has to bring and fill, whatever the table asks.
ALTER TABLE "carga"."figuras" ADD COLUMN "required_columns" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
