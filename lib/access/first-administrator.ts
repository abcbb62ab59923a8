import { randomBytes } from 'node:crypto';
import type { PrismaClient } from '../db/generated/client.ts';
import type { WebEnv } from '../env.ts';
import { describeApiKey } from './api-key.ts';
import { recordAudit } from './audit.ts';
import { hashPassword } from './password.ts';

const GENERATED_PASSWORD_BYTES = 12;
/** Lock of whoever counts administrators before changing one: also two web processes that start at once. */
export const ADMINISTRATORS_LOCK = 0x63726762;

/**
 * Makes the first administrator when there is none, and the administrator's API key of CARGA_API_KEY when it is not
 * there yet.
 * @returns the password, when one was made up: it is known nowhere else
 */
export async function ensureFirstAdministrator(
  db: PrismaClient,
  env: Pick<WebEnv, 'CARGA_ADMIN_EMAIL' | 'CARGA_ADMIN_PASSWORD' | 'CARGA_API_KEY'>,
): Promise<{ email: string; password: string } | null> {
  const generated = randomBytes(GENERATED_PASSWORD_BYTES).toString('base64url');
  const password = env.CARGA_ADMIN_PASSWORD ?? generated;
  const passwordHash = await hashPassword(password);
  const email = env.CARGA_ADMIN_EMAIL.toLowerCase();
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK}::int, 0)`;
    let made = false;
    if ((await tx.user.count({ where: { role: 'admin', disabledAt: null } })) === 0) {
      const data = { name: 'Administrador', role: 'admin' as const, figuras: ['*'], passwordHash, disabledAt: null };
      await tx.user.upsert({ where: { email }, create: { email, ...data }, update: data });
      await recordAudit(tx, 'system', {
        action: 'user.created',
        target: `user:${email}`,
        after: { email, role: 'admin' },
      });
      made = true;
    }
    if (env.CARGA_API_KEY) {
      const described = describeApiKey(env.CARGA_API_KEY);
      const known = await tx.apiKey.findUnique({ where: { secretHash: described.secretHash } });
      if (!known) {
        await tx.apiKey.create({ data: { name: 'CARGA_API_KEY', role: 'admin', figuras: ['*'], ...described } });
        await recordAudit(tx, 'system', {
          action: 'key.created',
          target: 'key:CARGA_API_KEY',
          after: { role: 'admin' },
        });
      }
    }
    return made && env.CARGA_ADMIN_PASSWORD === undefined ? { email, password } : null;
  });
}
