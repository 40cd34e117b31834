import { defineConfig } from 'vitest/config';
import { patient } from './test/support/patience.js';

/** vitest's own deadline of one second passes while a shared machine does not run. */
const expect = { poll: { timeout: patient(10_000) } };

/** Those judged by their timing run one file at a time; the others mostly wait. */
const slow = [
  { name: 'interop', fileParallelism: true },
  // Mostly waits for networks of its own, a namespace a call.
  { name: 'network', fileParallelism: true },
  { name: 'e2e', fileParallelism: false },
  { name: 'chaos', fileParallelism: true },
  // Thousands of clients and the service take a core each.
  { name: 'load', fileParallelism: false },
];

export default defineConfig({
  test: {
    // Two cores are what continuous integration has, and most files wait for media and clocks: a fifth to a third less
    // time than with two workers.
    maxWorkers: 3,
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
          expect,
          sequence: { groupOrder: 0 },
        },
      },
      ...slow.map(({ name, fileParallelism }, index) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          testTimeout: patient(60_000),
          hookTimeout: patient(60_000),
          expect,
          fileParallelism,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
});
