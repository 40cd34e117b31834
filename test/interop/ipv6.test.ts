import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { flvUrl, playUrl, pushUrl, until } from '../support/mediaServer.js';
import { watchPlayer } from '../support/watchPlayer.js';

const host = '::1';
const isThere = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === host),
);
if (!isThere) process.stderr.write(`tests of IPv6 are skipped: this machine has no ${host}\n`);

describe.skipIf(!isThere)('over IPv6', () => {
  const media = new EmbeddedMediaServer({ host });
  beforeAll(() => media.start());
  afterAll(() => media.close());

  it('a push is played by RTMP and by HTTP-FLV', async () => {
    await using pusher = new TXLivePusher({ engine: 'embedded', statusIntervalMs: 300 });
    let pushedTo: string | undefined;
    pusher.on('status', ({ SERVER_IP }) => {
      pushedTo = SERVER_IP;
    });
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startPush(pushUrl(media, 'six'));
    for (const url of [playUrl(media, 'six'), flvUrl(media, 'six')]) {
      expect(new URL(url).hostname).toBe(`[${host}]`);
      await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', statusIntervalMs: 300 });
      const seen = watchPlayer(player);
      await player.startPlay(url);
      await until('pictures and a status', () => seen.pictures.length >= 30 && seen.status !== undefined, 20_000);
      expect(seen.movingShare).toBeGreaterThan(0.9);
      expect(seen.status?.SERVER_IP).toBe(new URL(url).host);
    }
    await until('a status of the push', () => pushedTo !== undefined);
    expect(pushedTo).toBe(new URL(pushUrl(media, 'six')).host);
  });
});
