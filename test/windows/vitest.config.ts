import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { notOnWindows, suites } from './suites.mjs';

/** Of the tests inside Windows Node, in the folder that scripts/testWindows.mjs makes. wine is slower than Windows. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    maxWorkers: 2,
    environment: 'node',
    pool: 'forks',
    projects: suites.map(({ name, include, exclude, media }, index) => ({
      test: {
        name,
        include,
        exclude: [...Object.keys(notOnWindows).filter((name) => !name.includes(': ')), ...exclude],
        testTimeout: 90_000,
        hookTimeout: 90_000,
        // vitest's own second is less than what a busy wine takes.
        expect: { poll: { timeout: 10_000 } },
        // A process of its own costs a file seconds under wine; tests that load no addon can share one.
        isolate: media,
        fileParallelism: !media,
        sequence: { groupOrder: index },
      },
    })),
  },
});
