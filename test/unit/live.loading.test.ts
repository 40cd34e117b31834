import { describe, expect, it } from 'vitest';
import { runChild } from '../support/live/child.js';

async function load(env: Record<string, string>): Promise<{ code: string; message: string; cause: boolean }> {
  const { code, stdout, stderr } = await runChild('loadingScenario.mjs', { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout.split('ready\n')[1] ?? '');
}

describe('loading the addon', () => {
  it('happens at the first use, not at the import', async () => {
    const result = await load({ LITEAV_RTCROOM_ADDON: '/nonexistent/liteav_rtcroom.node' });
    expect(result.code).toBe('ERR_RTC_ADDON_NOT_FOUND');
  });

  it('that fails names the cause and what to do about it', async () => {
    const result = await load({ LITEAV_RTCROOM_ADDON: '/nonexistent/liteav_rtcroom.node' });
    expect(result.cause).toBe(true);
    expect(result.message).toMatch(/Causes:\n {2}1\. .*\/nonexistent\/liteav_rtcroom\.node/);
    expect(result.message).toMatch(/What to do:\n {2}1\. LITEAV_RTCROOM_ADDON/);
  });

  it.each(['package.json', 'binding.gyp', 'README.md'])(
    'of a file that is no addon fails the same way: %s',
    async (name) => {
      const result = await load({ LITEAV_RTCROOM_ADDON: `${process.cwd()}/${name}` });
      expect(result.code).toBe('ERR_RTC_ADDON_NOT_FOUND');
    },
  );

  it('prefers the local build, and works', async () => {
    expect((await load({ LITEAV_RTCROOM_ADDON: process.env.LITEAV_RTCROOM_ADDON ?? '' })).code).toBe('none');
  });
});
