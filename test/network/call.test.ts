import { expect, it } from 'vitest';
import { AutoAdjustStrategy } from '#lib/live/enums';
import { EmulatedLink, type LinkSettings } from '../support/network/EmulatedLink.mjs';
import { LinkedCall, startFarServer } from '../support/network/LinkedCall.mjs';
import { describeNetwork } from '../support/network/networkTest.js';

/** What a phase of a call showed. Bounds below are for a busy machine; the figures are bench/qos.mjs'. */
async function phase(call: LinkedCall, link: EmulatedLink, ms: number, up: LinkSettings = {}) {
  link.set({ up });
  const before = link.reports.at(-1);
  const fromUs = await call.goOn(ms);
  const after = link.reports.at(-1);
  if (!before || !after) throw new Error('the link reported nothing');
  return {
    ...call.log.ages(fromUs),
    freezeMs: call.log.longestFreezeMs(fromUs),
    untold: call.log.untoldFreezes(call.viewer.events, fromUs),
    kbps: ((after.up.sentBytes - before.up.sentBytes) * 8) / ((after.atUs - before.atUs) / 1000),
    setKbps: Number(call.statuses.at(-1)?.status.SET_VIDEO_BITRATE),
    events: call.events.filter(({ atUs }) => atUs >= fromUs).map(({ name }) => name),
  };
}

describeNetwork('a call on a bad network', () => {
  it('follows what the link carries: half, again more, a stall', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 20 }, down: { delay: 20 } });
    await using server = await startFarServer(link);
    await using call = await LinkedCall.start(`${server.rtmpUrl}/call`, {
      strategy: AutoAdjustStrategy.REALTIME_VIDEOCHAT,
    });
    const free = await phase(call, link, 4000);
    expect(free.setKbps).toBe(1200);
    expect(free.events).not.toContain('PUSH_WARNING_NET_BUSY');

    const onset = await phase(call, link, 4000, { rate: 600 });
    expect(onset.events).toContain('PUSH_EVT_CHANGE_BITRATE');
    expect(onset.freezeMs).toBeLessThan(1500);
    const half = await phase(call, link, 6000);
    expect(half.setKbps).toBeLessThan(600);
    expect(half.kbps).toBeGreaterThan(0.6 * 600);
    expect(half.p95Ms).toBeLessThan(700);

    // A full link is believed for 5 to 10 s; from then on the bitrate doubles within 6 s.
    const more = await phase(call, link, 12_000, { rate: 2500 });
    expect(more.setKbps).toBeGreaterThan(700);
    expect(more.p95Ms).toBeLessThan(700);

    link.stall('up', 1000);
    const stall = await phase(call, link, 5000);
    expect(stall.maxMs).toBeGreaterThan(900);
    expect([...onset.untold, ...half.untold, ...more.untold, ...stall.untold]).toEqual([]);
    const after = await phase(call, link, 4000);
    expect(after.p95Ms).toBeLessThan(700);
    expect(after.setKbps).toBeGreaterThan(400);
  });

  it('falls behind with a bitrate that does not follow: what the above would be without', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 20 }, down: { delay: 20 } });
    await using server = await startFarServer(link);
    await using call = await LinkedCall.start(`${server.rtmpUrl}/call`, { strategy: AutoAdjustStrategy.NONE });
    await phase(call, link, 2000);
    const half = await phase(call, link, 8000, { rate: 600 });
    expect(half.setKbps).toBe(1200);
    expect(half.maxMs).toBeGreaterThan(1500);
    expect(half.events).toContain('PUSH_WARNING_NET_BUSY');
  });

  it('warns of pictures that stand still because the way up has room for the sound alone', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 20 }, down: { delay: 20 } });
    await using server = await startFarServer(link);
    await using call = await LinkedCall.start(`${server.rtmpUrl}/call`, {
      strategy: AutoAdjustStrategy.REALTIME_VIDEOCHAT,
    });
    await phase(call, link, 2000);
    const narrow = await phase(call, link, 12_000, { rate: 100 });
    const wide = await phase(call, link, 4000, { rate: 2500 });
    expect(Math.max(narrow.freezeMs, wide.freezeMs)).toBeGreaterThan(1000);
    expect(call.viewer.events.map(({ name }) => name)).toContain('PLAY_WARNING_VIDEO_PLAY_LAG');
    expect(call.log.untoldFreezes(call.viewer.events, 0)).toEqual([]);
  });

  it('keeps its bitrate on a long link that loses one packet in a hundred', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 50, loss: 0.01 }, down: { delay: 50 } });
    await using server = await startFarServer(link);
    await using call = await LinkedCall.start(`${server.rtmpUrl}/call`, {
      strategy: AutoAdjustStrategy.REALTIME_VIDEOCHAT,
    });
    await phase(call, link, 3000);
    const lossy = await phase(call, link, 8000);
    expect(lossy.kbps).toBeGreaterThan(600);
    expect(lossy.p95Ms).toBeLessThan(900);
    expect(link.reports.at(-1)?.up.lost).toBeGreaterThan(0);
    const status = call.statuses.at(-1)?.status;
    expect(Number(status?.RETRANSMITS)).toBeGreaterThan(0);
    // 50 ms each way, and what the queues of a busy machine add.
    expect(Number(status?.RTT)).toBeGreaterThanOrEqual(95);
    expect(Number(status?.RTT)).toBeLessThan(300);
    expect(Number(status?.NET_JITTER)).toBeGreaterThan(0);
    expect(Number(status?.NET_JITTER)).toBeLessThan(100);
  });
});
