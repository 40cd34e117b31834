import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const scripts = fileURLToPath(new URL('../../scripts/windows/', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtcroom-libraries-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function unpack(script: string, env: NodeJS.ProcessEnv = {}) {
  const args = [join(scripts, script), '--unpack', '--output', join(folder, 'library')];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env } });
}

describe('the libraries for Windows in prebuilds/libraries', () => {
  it.each([
    ['buildFfmpeg.mjs', ['lib/libavcodec.a', 'lib/libopenh264.a', 'lib/pkgconfig/libavcodec.pc', 'versions.json']],
    ['buildSdl.mjs', ['lib/libSDL2.a', 'lib/pkgconfig/sdl2.pc', 'include/SDL2/SDL.h']],
  ])('are those of the recipe in %s', (script, files) => {
    const { status, stdout, stderr } = unpack(script);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('taken from prebuilds/libraries');
    expect(files.filter((file) => !existsSync(join(folder, 'library', file)))).toEqual([]);
    expect(readdirSync(folder)).toEqual(['library']);
    expect(unpack(script).stdout).toContain('up to date');
  });

  it('replace what another recipe left', () => {
    unpack('buildSdl.mjs');
    writeFileSync(join(folder, 'library/stamp.json'), '{"recipe":0}');
    writeFileSync(join(folder, 'library/stray.txt'), 'of the other recipe');
    expect(unpack('buildSdl.mjs').stdout).toContain('taken from');
    expect(existsSync(join(folder, 'library/stray.txt'))).toBe(false);
    expect(readFileSync(join(folder, 'library/stamp.json'), 'utf8')).toContain('"recipe":1');
  });

  it('are not taken for another processor', () => {
    const { status, stderr } = unpack('buildFfmpeg.mjs', { RTCROOM_WINDOWS_ARCH: 'ia32' });
    expect(status).toBe(1);
    expect(stderr).toContain('packLibraries.mjs');
  });
});
