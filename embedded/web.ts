// `npm run web`: the web server alone, against configured services.
import '#lib/process/require-node.ts';
import { ensureWebBuild } from '#embedded/build-web.ts';
import { LaunchError } from '#embedded/launch-error.ts';
import { portFault } from '#embedded/ports.ts';
import { findAuthSecret, oneLine, withoutEmpty } from '#embedded/settings.ts';
import { MigrationError, prepareDatabase } from '#lib/db/migrate.ts';
import { readWebEnv } from '#lib/env.ts';

try {
  const environment = withoutEmpty(process.env);
  const env = oneLine(() => readWebEnv({ AUTH_SECRET: 'x'.repeat(32), ...environment }));
  const fault = await portFault(env.PORT, env.HOST);
  if (fault) throw new LaunchError(`Port ${env.PORT} of ${env.HOST} cannot be used (${fault}).`);
  process.env.AUTH_SECRET = findAuthSecret(environment, env.CARGA_DATA_DIR);
  process.env.DATABASE_URL = await prepareDatabase(env.DATABASE_URL, env.CARGA_MIGRATION_DATABASE_URL);
  // From here on this process is the application, which must not know its way to the owner's rights.
  delete process.env.CARGA_MIGRATION_DATABASE_URL;
  await ensureWebBuild((line) => console.log(line));
  process.env.PUBLIC_URL = env.PUBLIC_URL;
  process.argv.splice(2, Number.POSITIVE_INFINITY, 'start', '-H', env.HOST, '-p', String(env.PORT));
  await import('#embedded/web-server.ts');
} catch (error) {
  const isKnown = error instanceof LaunchError || error instanceof MigrationError;
  process.stderr.write(`${isKnown ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
