import { expect, it } from 'vitest';
import { clockMicros } from '#lib/live/engine';
import { AutoAdjustStrategy } from '#lib/live/enums';
import { EmulatedLink } from '../support/network/EmulatedLink.mjs';
import { LinkedCall, startFarServer } from '../support/network/LinkedCall.mjs';
import { describeNetwork } from '../support/network/networkTest.js';
import { startNginx } from '../support/nginx.mjs';

/** Far longer than the tests take: nothing below is owed to them. */
const patient = { dataTimeoutMs: 60_000, connectRetryIntervalMs: 60_000, connectRetryCount: 8 };
/** When the server misses a publisher; a busy machine must not make it. */
const missing = { dropIdlePublisherMs: 1000 };
/** A lost address is to be noticed within this; the machine may be busy. */
const noticedMs = 1000;
const deadlineMs = 10_000;
const strategy = AutoAdjustStrategy.REALTIME_VIDEOCHAT;

function reconnects(call: LinkedCall, fromUs: number) {
  return call.events.filter(({ name, atUs }) => atUs >= fromUs && /_WARNING_RECONNECT$/.test(name));
}

/** Waits until the first event of that name since then; ms from then to it. */
async function msTo(call: LinkedCall, name: string, fromUs: number) {
  await expect
    .poll(() => call.events.some((event) => event.name === name && event.atUs >= fromUs), { timeout: deadlineMs })
    .toBe(true);
  const event = call.events.find((each) => each.name === name && each.atUs >= fromUs);
  return (Number(event?.atUs) - fromUs) / 1000;
}

/** Pictures that were captured after that time are shown. */
async function goesOn(call: LinkedCall, fromUs: number) {
  await expect
    .poll(() => call.log.pictures.filter(({ atUs, ageMs }) => atUs - ageMs * 1000 > fromUs).length, {
      timeout: deadlineMs,
    })
    .toBeGreaterThan(15);
}

describeNetwork('a change of the network', () => {
  it('that takes the address of a push and a playback has both connect again from the new one at once', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 10 }, down: { delay: 10 } });
    await using server = await startFarServer(link, missing);
    // The server holds the stream's name until it misses its publisher.
    const network = { ...patient, connectRetryIntervalMs: 250, connectRetryCount: 40 };
    await using call = await LinkedCall.start(`${server.rtmpUrl}/moved`, { strategy, network });
    const old = link.nearAddress;
    await goesOn(call, clockMicros());

    const movedUs = clockMicros();
    link.moveNear(3);
    expect(await msTo(call, 'PUSH_WARNING_RECONNECT', movedUs)).toBeLessThan(noticedMs);
    expect(await msTo(call, 'PLAY_WARNING_RECONNECT', movedUs)).toBeLessThan(noticedMs);
    for (const name of ['PUSH_WARNING_RECONNECT', 'PLAY_WARNING_RECONNECT']) {
      const { message } = reconnects(call, movedUs).find((event) => event.name === name) ?? {};
      expect(message).toContain(`the network changed: this machine no longer has the address ${old}`);
    }
    await msTo(call, 'PUSH_EVT_PUSH_BEGIN', movedUs);
    await goesOn(call, clockMicros());
  });

  it('that brings the network back ends the wait between tries', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 10 }, down: { delay: 10 } });
    await using server = await startFarServer(link, missing);
    const network = { ...patient, connectTimeoutMs: 500 };
    await using call = await LinkedCall.start(`${server.rtmpUrl}/back`, { strategy, network });
    const downUs = clockMicros();
    link.connectNear(false);
    expect(await msTo(call, 'PUSH_WARNING_RECONNECT', downUs)).toBeLessThan(noticedMs);
    expect(await msTo(call, 'PLAY_WARNING_RECONNECT', downUs)).toBeLessThan(noticedMs);
    // With a default route a try over it comes first, and fails. By now a minute's wait has begun in any case, and the
    // server has missed its publisher.
    await call.goOn(1500);

    const upUs = clockMicros();
    link.connectNear(true);
    expect(await msTo(call, 'PUSH_EVT_CONNECT_SUCC', upUs)).toBeLessThan(noticedMs);
    expect(await msTo(call, 'PLAY_EVT_CONNECT_SUCC', upUs)).toBeLessThan(noticedMs);
    await msTo(call, 'PUSH_EVT_PUSH_BEGIN', upUs);
    await goesOn(call, clockMicros());
  });

  it('that is another interface’s leaves a call alone, over loopback or a link', async () => {
    const local = await startNginx();
    try {
      await using link = await EmulatedLink.start();
      await using server = await startFarServer(link);
      await using near = await LinkedCall.start(`${local.rtmpUrl}/near`, { strategy, network: patient });
      await using far = await LinkedCall.start(`${server.rtmpUrl}/far`, { strategy, network: patient });
      const fromUs = clockMicros();
      {
        await using other = await EmulatedLink.start();
        other.moveNear(4);
        await far.goOn(150);
        other.connectNear(false);
        await far.goOn(150);
      }
      await far.goOn(200);
      for (const call of [near, far]) {
        expect(reconnects(call, fromUs)).toEqual([]);
        await goesOn(call, clockMicros());
      }
    } finally {
      await local.close();
    }
  });
});
