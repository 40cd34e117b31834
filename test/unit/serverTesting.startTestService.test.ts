import { describe, expect, it } from 'vitest';
import { startTestService } from '#lib/testing/index';
import { raw } from '../support/server/roomClient.js';

describe('startTestService', () => {
  it('gives a real service and media server, and everything to log in', async () => {
    const it_ = await startTestService();
    try {
      const { serverDomain, sdkAppID, accountType, userID, userSig } = it_.loginInfo('alice', 'multi_room');
      expect(serverDomain).toBe(it_.serverDomain('multi_room'));
      const query = new URLSearchParams({ sdkAppID: String(sdkAppID), accountType, userID, userSig });
      const { code, token } = (await raw(`${serverDomain}/login?${query}`)).json;
      expect(code).toBe(0);
      const answer = await raw(`${serverDomain}/get_push_url?userID=alice&token=${token}`);
      expect(answer.json.pushURL.startsWith(`${it_.media.rtmpUrl}/1000_alice?bizid=1000&txSecret=`)).toBe(true);
      expect((await raw(`${it_.service.address.url}/healthz`, { method: 'GET' })).json).toEqual({
        status: 'ok',
      });
    } finally {
      await Promise.all([it_.close(), it_.close()]);
    }
    await expect(raw(`${it_.serverDomain()}/login`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('leaves nothing running when it cannot start', async () => {
    await expect(startTestService({ database: '/nonexistent/folder/rooms.db' })).rejects.toMatchObject({
      code: 'ERR_RTC_INVALID_ARGUMENT',
    });
    await expect(startTestService({ secretKey: 'short' })).rejects.toMatchObject({ code: 'ERR_RTC_INVALID_ARGUMENT' });
  });
});
