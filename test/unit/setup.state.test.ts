import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../scripts/setup/lock.mjs';
import { cleanScripts, inputsOf, isStale, markBuilt, modulesCurrent } from '../../scripts/setup/stale.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rtcroom-setup-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('what setup builds again', () => {
  function built() {
    write('native/a.cpp', 'int a;');
    write('lib/x/a.ts', 'export {};');
    write('build/Release/liteav_rtcroom.node', 'addon');
    write('dist/x/a.js', 'export {};');
    for (const part of ['native', 'ts'] as const) markBuilt(root, part, inputsOf(root, part));
  }

  it('is everything at first, nothing after a build', () => {
    write('native/a.cpp', 'int a;');
    write('lib/x/a.ts', 'export {};');
    expect([isStale(root, 'native'), isStale(root, 'ts')]).toEqual([true, true]);
    built();
    expect([isStale(root, 'native'), isStale(root, 'ts')]).toEqual([false, false]);
  });

  it('is not what was only touched', () => {
    built();
    utimesSync(join(root, 'native/a.cpp'), new Date(), new Date());
    expect(isStale(root, 'native')).toBe(false);
  });

  it.each([
    ['native/a.cpp', 'native'],
    ['native/b.cpp', 'native'],
    ['build/Release/liteav_rtcroom.node', 'native'],
    ['lib/x/a.ts', 'ts'],
    ['lib/b.ts', 'ts'],
    ['tsconfig.json', 'ts'],
    ['package-lock.json', 'ts'],
    ['dist/x/a.js', 'ts'],
  ] as const)('is what %s belongs to, when that changed', (path, part) => {
    built();
    write(path, 'something else');
    expect(isStale(root, part)).toBe(true);
    expect(isStale(root, part === 'ts' ? 'native' : 'ts')).toBe(false);
  });

  it('is what lost its output, and an edit during the build', () => {
    built();
    rmSync(join(root, 'dist/x/a.js'));
    expect(isStale(root, 'ts')).toBe(true);
    const before = inputsOf(root, 'native');
    write('native/a.cpp', 'int b;');
    markBuilt(root, 'native', before);
    expect(isStale(root, 'native')).toBe(true);
  });

  it('is not led astray by a damaged note', () => {
    built();
    write('build/setup.json', '{"native":');
    expect(isStale(root, 'native')).toBe(true);
  });

  it('does not keep compiled files whose source is gone', () => {
    built();
    write('dist/x/old.js', '');
    write('dist/x/old.d.ts', '');
    write('dist/.tsbuildinfo', '{}');
    cleanScripts(root);
    expect(existsSync(join(root, 'dist/x/old.js'))).toBe(false);
    expect(existsSync(join(root, 'dist/x/old.d.ts'))).toBe(false);
    expect(existsSync(join(root, 'dist/x/a.js'))).toBe(true);
    expect(existsSync(join(root, 'dist/.tsbuildinfo'))).toBe(true);
    rmSync(join(root, 'dist/x/a.js'));
    cleanScripts(root);
    expect(existsSync(join(root, 'dist/.tsbuildinfo'))).toBe(false);
  });
});

describe('npm packages', () => {
  const entry = { version: '1.0.0', integrity: 'sha512-a' };

  function lock(packages: object, installed: object) {
    write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
    write('node_modules/.package-lock.json', JSON.stringify({ packages: installed }));
    mkdirSync(join(root, 'node_modules/a'), { recursive: true });
  }

  it('are current when each locked one lies there in its version', () => {
    lock(
      { 'node_modules/a': entry, 'node_modules/b-win32': { ...entry, optional: true } },
      { 'node_modules/a': entry },
    );
    expect(modulesCurrent(root)).toBe(true);
  });

  it('are not when one is missing, of another version, or gone from the disk', () => {
    expect(modulesCurrent(root)).toBe(false);
    lock({ 'node_modules/a': entry, 'node_modules/c': entry }, { 'node_modules/a': entry });
    expect(modulesCurrent(root)).toBe(false);
    lock({ 'node_modules/a': entry }, { 'node_modules/a': { ...entry, version: '1.0.1' } });
    expect(modulesCurrent(root)).toBe(false);
    lock({ 'node_modules/a': entry }, { 'node_modules/a': entry });
    rmSync(join(root, 'node_modules/a'), { recursive: true });
    expect(modulesCurrent(root)).toBe(false);
  });
});

describe('two setups at once', () => {
  const ignore = () => undefined;

  it('run one after the other', async () => {
    const order: string[] = [];
    const waits: (number | undefined)[] = [];
    const folder = join(root, 'lock');
    let finish = ignore as () => void;
    const first = withLock(
      folder,
      async () => {
        order.push('first in');
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        order.push('first out');
      },
      ignore,
    );
    const second = withLock(
      folder,
      async () => {
        order.push('second');
      },
      (pid) => {
        waits.push(pid);
        finish();
      },
    );
    await Promise.all([first, second]);
    expect(order).toEqual(['first in', 'first out', 'second']);
    expect(waits).toEqual([process.pid]);
    expect(existsSync(folder)).toBe(false);
  });

  it('do not wait for a dead one', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    write('lock/owner.json', JSON.stringify({ pid: child.pid, began: '1' }));
    await expect(withLock(join(root, 'lock'), async () => 'done', ignore)).resolves.toBe('done');
  });

  it('do not take another process with a dead one’s number for it', async () => {
    write('lock/owner.json', JSON.stringify({ pid: process.pid, began: 'long ago' }));
    await expect(withLock(join(root, 'lock'), async () => 'done', ignore)).resolves.toBe('done');
  });

  it('free the lock when the work fails', async () => {
    const folder = join(root, 'lock');
    await expect(withLock(folder, () => Promise.reject(new Error('no')), ignore)).rejects.toThrow();
    expect(existsSync(folder)).toBe(false);
  });
});
