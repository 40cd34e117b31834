import { describe, expect, it } from 'vitest';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { nextEvent } from '../support/mediaServer.js';
import { StandinLog, standin } from './support/standin.js';

const address = (words: string) => `rtmp://127.0.0.1:1935/live/${words}`;

describe('an SDK in a child process', () => {
  it('pushes, dies by an access violation, and is begun again by the same object', async () => {
    const log = new StandinLog();
    await using pusher = new TXLivePusher({ engine: { name: 'process', engine: standin('v2-r4'), isolated: true } });
    pusher.setVideoFPS(20);
    await pusher.startPreview({ source: 'camera' });
    const died = nextEvent(pusher, 'PUSH_ERR_NET_DISCONNECT', { deadlineMs: 60_000 });
    await pusher.startPush(address('crash'));
    await died;
    expect(pusher.pushing).toBe(false);
    const from = log.lines().length;
    await pusher.startPush(address('again'));
    expect(pusher.pushing).toBe(true);
    const lines = log.lines().slice(from);
    // The fresh child was set as the dead one was.
    expect(lines.find(({ method }) => method === 'setVideoQuality')?.args?.[2]).toBe(20);
    expect(lines.some(({ method }) => method === 'startCamera')).toBe(true);
    await pusher.stopPush();
    expect(log.faults()).toEqual([]);
  });
});
