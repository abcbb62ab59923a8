import type { DbClient, DbPool } from './pool.ts';

/** Runs `work` in one transaction on `client`: committed when it resolves, rolled back when it throws. */
export async function withTransaction<T>(client: DbClient, work: (client: DbClient) => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // The rollback of a lost connection fails as well; the first error is the one that tells why.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** As `withTransaction`, on a client of the pool, which is thrown away when its session may be broken. */
export async function withPoolTransaction<T>(pool: DbPool, work: (client: DbClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await withTransaction(client, work);
  } catch (error) {
    if (error instanceof Error && !('severity' in error)) broken = error;
    throw error;
  } finally {
    client.release(broken);
  }
}
