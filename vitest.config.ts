import { defineConfig } from 'vitest/config';

/** Tests start servers, which want a core of their own: more files at once only make each other time out. */
const WORKERS = 2;
const SECOND = 1000;
/** What is waited for comes in moments; a red test that takes a minute is better than one that is red at times. */
const PATIENCE = { poll: { timeout: 60 * SECOND } };

export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    projects: [
      {
        // Beside their source; no database, no browser.
        test: {
          name: 'unit',
          expect: PATIENCE,
          include: ['{app,lib,worker,embedded,cli,components,scripts}/**/*.test.{ts,tsx}'],
          testTimeout: 120 * SECOND,
          hookTimeout: 120 * SECOND,
        },
      },
      {
        // On real servers, one database per file.
        test: {
          name: 'database',
          expect: PATIENCE,
          include: ['tests/database/**/*.test.ts'],
          globalSetup: ['tests/support/postgres-servers.ts'],
          testTimeout: 240 * SECOND,
          hookTimeout: 240 * SECOND,
        },
      },
      {
        // The HTTP contract against the whole product; FUZZ_REQUESTS makes the generated run longer, FUZZ_SEED another.
        test: {
          name: 'contract',
          expect: PATIENCE,
          include: ['tests/contract/**/*.test.ts'],
          testTimeout: 240 * SECOND,
          hookTimeout: 300 * SECOND,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The whole product as a person sees it. One file at a time: a stack and a Chromium fill two cores.
        test: {
          name: 'browser',
          expect: PATIENCE,
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 300 * SECOND,
          hookTimeout: 300 * SECOND,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // The command against the whole product.
        test: {
          name: 'command',
          expect: PATIENCE,
          include: ['tests/command/**/*.test.ts'],
          testTimeout: 240 * SECOND,
          hookTimeout: 300 * SECOND,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Processes are killed, and mostly waited for: two files at a time leave a core for each.
        test: {
          name: 'faults',
          expect: PATIENCE,
          include: ['tests/faults/**/*.test.ts'],
          testTimeout: 300 * SECOND,
          hookTimeout: 300 * SECOND,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
