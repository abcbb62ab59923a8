import type { DbPool } from '../db/pool.ts';
import { withPoolTransaction } from '../db/transaction.ts';
import { openSecret, type SealingKey, sealPrefix, sealSecret } from './seal-secret.ts';

/**
 * Seals what an earlier release stored as it was, and what an earlier key sealed, with the first of the keys. Returns the
 * webhooks whose secrets none of them opens.
 */
export async function sealStoredSecrets(pool: DbPool, keys: readonly [SealingKey, ...SealingKey[]]): Promise<string[]> {
  const [key] = keys;
  const unreadable: string[] = [];
  await withPoolTransaction(pool, async (db) => {
    const { rows } = await db.query(
      `select id, secret, previous_secret as "previousSecret" from carga.webhooks
        where not starts_with(secret, $1) or not starts_with(previous_secret, $1) order by id for update`,
      [sealPrefix(key)],
    );
    for (const { id, secret, previousSecret } of rows) {
      const sealedAgain = (stored: string | null) => {
        const opened = stored === null ? null : openSecret(stored, keys);
        return opened === null ? stored : sealSecret(opened, key);
      };
      if (openSecret(secret, keys) === null) unreadable.push(id);
      await db.query('update carga.webhooks set secret = $2, previous_secret = $3 where id = $1', [
        id,
        sealedAgain(secret),
        sealedAgain(previousSecret),
      ]);
    }
  });
  return unreadable;
}
