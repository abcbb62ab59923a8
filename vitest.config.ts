import { defineConfig } from 'vitest/config';

/** Tests start servers, which want a core of their own: more files at once only make each other time out. */
const WORKERS = 2;
const SECOND = 1000;

export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    projects: [
      {
        // Beside their source; no database, no browser.
        test: {
          name: 'unit',
          include: ['{app,lib,worker,embedded,cli,components,scripts}/**/*.test.{ts,tsx}'],
          testTimeout: 30 * SECOND,
          hookTimeout: 60 * SECOND,
        },
      },
      {
        // On real servers, one database per file.
        test: {
          name: 'database',
          include: ['tests/database/**/*.test.ts'],
          globalSetup: ['tests/support/postgres-servers.ts'],
          testTimeout: 60 * SECOND,
          hookTimeout: 60 * SECOND,
        },
      },
      {
        // The HTTP contract against the whole product; FUZZ_REQUESTS makes the generated run longer, FUZZ_SEED another.
        test: {
          name: 'contract',
          include: ['tests/contract/**/*.test.ts'],
          testTimeout: 120 * SECOND,
          hookTimeout: 180 * SECOND,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The whole product as a person sees it. One file at a time: a stack and a Chromium fill two cores.
        test: {
          name: 'browser',
          // A poll waits for a job: one second is too little when the machine is busy.
          expect: { poll: { timeout: 30 * SECOND } },
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 120 * SECOND,
          hookTimeout: 180 * SECOND,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // The command against the whole product.
        test: {
          name: 'command',
          include: ['tests/command/**/*.test.ts'],
          testTimeout: 120 * SECOND,
          hookTimeout: 180 * SECOND,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Processes are killed and time is measured: nothing else may run meanwhile.
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.test.ts'],
          testTimeout: 300 * SECOND,
          hookTimeout: 180 * SECOND,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
