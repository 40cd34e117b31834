import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patient } from '../support/patience.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtcroom-example-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(program: string) {
  return promisify(execFile)(process.execPath, [program], { cwd: folder, timeout: patient(40_000) });
}

describe('the examples', () => {
  it('of the README runs as it stands there', async () => {
    const code = readFileSync(join(root, 'README.md'), 'utf8').match(/```js\n([\s\S]*?)```/)?.[1] ?? '';
    // Inside the package, so that its own name resolves.
    const program = join(root, 'build', `readme-example-${process.pid}.mjs`);
    mkdirSync(join(root, 'build'), { recursive: true });
    writeFileSync(program, code);
    try {
      const { stdout, stderr } = await run(program);
      expect(stdout).toMatch(/^room \S+\n$/);
      expect(stderr).toBe('');
    } finally {
      rmSync(program);
    }
  });

  it('in examples/call.mjs holds a call', async () => {
    const { stdout, stderr } = await run(join(root, 'examples/call.mjs'));
    expect(stdout).toBe('bob: I see you\n');
    expect(stderr).toBe('');
    expect(readdirSync(folder)).toEqual(['alice.png']);
    expect(statSync(join(folder, 'alice.png')).size).toBeGreaterThan(1000);
  });
});
