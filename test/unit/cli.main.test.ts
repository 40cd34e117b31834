import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { rtcroom } from '../support/rtcroom.js';

describe('rtcroom', () => {
  it.each([
    ['--help'],
    ['demo', '--help'],
    ['doctor', '--help'],
    ['repair', '--help'],
    ['serve', '--help'],
    ['media', '--help'],
  ])('%s %s tells exit codes', async (...args) => {
    const { code, stdout } = await rtcroom(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Usage: rtcroom[\s\S]*Exit codes:/);
  });

  it('tells its version', async () => {
    const { code, stdout } = await rtcroom(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('suggests the command that was meant, and exits 2', async () => {
    const { code, stdout, stderr } = await rtcroom(['srve']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('serve');
  });

  it.each([
    [[]],
    [['demo', '--what']],
    [['demo', '--seconds', '1']],
    [['demo', '--seconds', 'ten']],
    [['demo', '--out']],
  ])('exits 2 for %j', async (args) => {
    const { code } = await rtcroom(args);
    expect(code).toBe(2);
  });

  it('reports usage errors as JSON where JSON is asked for', async () => {
    const { code, stdout, stderr } = await rtcroom(['demo', '--json', '--what']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_RTC_INVALID_ARGUMENT' } });
  });
});

describe('rtcroom doctor', () => {
  const names = ['Node.js', 'system', 'engine', 'ffmpeg', 'ffprobe', 'media server', 'ports', 'port 1935'];

  it('finds everything needed on a machine that was set up', async () => {
    const { code, stdout } = await rtcroom(['doctor', '--json']);
    const { ok, checks } = JSON.parse(stdout);
    expect(checks.filter(({ status }: { status: string }) => status === 'missing')).toEqual([]);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(checks.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining([...names, 'devices', 'video encoders', 'encoder in use']),
    );
  });

  it('says how to get what is missing, and exits 3', async () => {
    const { code, stdout } = await rtcroom(['doctor', '--json'], {
      LITEAV_RTCROOM_ADDON: '/nonexistent/addon.node',
      PATH: '',
    });
    const { ok, checks } = JSON.parse(stdout);
    expect({ code, ok }).toEqual({ code: 3, ok: false });
    for (const name of ['engine', 'ffprobe']) {
      const check = checks.find((each: { name: string }) => each.name === name);
      expect(check.status).not.toBe('ok');
      expect(check.remedy).toBeTruthy();
    }
  });

  it('shows the same to people', async () => {
    const { code, stdout } = await rtcroom(['doctor'], { LITEAV_RTCROOM_ADDON: '/nonexistent/addon.node' });
    expect(code).toBe(3);
    for (const name of names) expect(stdout).toContain(name);
    expect(stdout).toContain('What to do:');
  });

  it('sees that the port of RTMP is taken', async () => {
    const server = createServer();
    // If another program has it already, that is the case to be seen.
    const taken = once(server, 'listening').catch((error) => error);
    server.listen(1935, '127.0.0.1');
    await taken;
    try {
      const { stdout } = await rtcroom(['doctor', '--json']);
      const check = JSON.parse(stdout).checks.find((each: { name: string }) => each.name === 'port 1935');
      expect(check).toMatchObject({ status: 'note', found: expect.stringContaining('EADDRINUSE') });
    } finally {
      server.close();
    }
  });
});

describe('rtcroom demo', () => {
  it.each([['/nonexistent/clip.mp4'], ['/']])('refuses the clip %s before it starts anything', async (input) => {
    const { code, stdout } = await rtcroom(['demo', '--json', '--input', input]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'ERR_RTC_FILE_OPEN_FAILED' } });
  });

  it('names ffprobe when it is missing', async () => {
    const { code, stdout } = await rtcroom(['demo', '--json'], { PATH: '' });
    expect(code).toBe(3);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('ERR_RTC_FILE_OPEN_FAILED');
    expect(error.message).toContain('ffprobe');
  });
});
