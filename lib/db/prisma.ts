import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

/** Prisma for simple reads and writes of users, keys, figuras, uploads and audit. Loads and jobs never go through it. */
export function createPrisma(connectionString: string): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString, max: 4, application_name: 'carga-web-prisma' }),
  });
}
