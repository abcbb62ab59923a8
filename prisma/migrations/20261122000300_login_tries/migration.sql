-- CreateTable
CREATE TABLE "carga"."login_tries" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "login_tries_pkey" PRIMARY KEY ("key")
);
