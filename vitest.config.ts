import { defineConfig } from 'vitest/config';
import { patient } from './test/support/patience.js';

/** Suites that push and play in real time: one file at a time, so that they do not disturb each other's timing. */
const media = ['interop', 'network', 'e2e', 'chaos'];

export default defineConfig({
  test: {
    // Two cores are what continuous integration has; more workers only fight.
    maxWorkers: 2,
    // `node:` keeps the tests on the compiled code of dist/, through the "imports" of package.json.
    environment: 'node',
    pool: 'forks',
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: patient(20_000),
          hookTimeout: patient(20_000),
          sequence: { groupOrder: 0 },
        },
      },
      ...media.map((name, index) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          testTimeout: patient(60_000),
          hookTimeout: patient(60_000),
          fileParallelism: false,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
});
