import { expect, test } from 'vitest';
import { childEnvironment } from './launcher.ts';

test("web and workers are not told the owner's address", () => {
  const settings = {
    dataDirectory: '/d',
    databaseUrl: 'postgresql://app@db/carga',
    bucket: 'b',
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://localhost:3000',
    authSecret: 'x'.repeat(32),
    environment: { CARGA_MIGRATION_DATABASE_URL: 'postgresql://owner@db/carga', WEBHOOK_ALLOWED_HOSTS: 'erp' },
  };
  const told = childEnvironment(settings, { DATABASE_URL: settings.databaseUrl });
  expect(told).toMatchObject({ DATABASE_URL: settings.databaseUrl, WEBHOOK_ALLOWED_HOSTS: 'erp' });
  expect(JSON.stringify(told)).not.toContain('owner@');
});
