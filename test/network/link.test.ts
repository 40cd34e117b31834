import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { median } from '#lib/measure/index';
import { EmulatedLink } from '../support/network/EmulatedLink.mjs';
import { describeNetwork } from '../support/network/networkTest.js';

const echo = fileURLToPath(new URL('../support/network/echo.mjs', import.meta.url));

async function startEcho(link: EmulatedLink) {
  const [program = '', ...args] = link.farCommand([process.execPath, echo, link.farAddress]);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

/** Sends numbered datagrams, one each `everyMs`; gives what came back, in order of arrival. */
async function pings(link: EmulatedLink, count: number, everyMs: number) {
  const socket = createSocket('udp4');
  const back: { number: number; ms: number }[] = [];
  const sentAt: number[] = [];
  socket.on('message', (message) => {
    const number = message.readUInt32BE();
    back.push({ number, ms: performance.now() - (sentAt[number] as number) });
  });
  for (let number = 0; number < count; number++) {
    const message = Buffer.alloc(100);
    message.writeUInt32BE(number);
    sentAt.push(performance.now());
    socket.send(message, 7000, link.farAddress);
    await delay(everyMs);
  }
  await delay(500);
  socket.close();
  return back;
}

describeNetwork('an emulated link', () => {
  it('delays either way, keeps the order, and loses and reorders as many as it is told', async () => {
    await using link = await EmulatedLink.start({ up: { delay: 30 }, down: { delay: 20 } });
    await using _ = await startEcho(link);
    const plain = await pings(link, 40, 5);
    expect(plain.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    // Never sooner; later by what a busy machine takes.
    expect(Math.min(...plain.map(({ ms }) => ms))).toBeGreaterThanOrEqual(49);
    expect(median(plain.map(({ ms }) => ms))).toBeLessThan(90);

    link.set({ up: { jitter: 40 } });
    const uneven = await pings(link, 40, 5);
    expect(uneven.map(({ number }) => number)).toEqual(plain.map(({ number }) => number));
    const times = uneven.map(({ ms }) => ms);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(15);

    link.set({ up: { jitter: 0, reorder: 0.2 } });
    const mixed = (await pings(link, 60, 5)).map(({ number }) => number);
    expect(mixed).toHaveLength(60);
    expect(mixed).not.toEqual([...mixed].sort((a, b) => a - b));

    link.set({ up: { reorder: 0, loss: 0.3 } });
    const some = await pings(link, 200, 2);
    expect(some.length).toBeGreaterThan(100);
    expect(some.length).toBeLessThan(180);
  });

  it('carries what its rate says, queues, drops what the queue does not hold, and stalls', async () => {
    await using link = await EmulatedLink.start({ up: { rate: 4000, queue: 200, delay: 5 }, down: { delay: 5 } });
    await using _ = await startEcho(link);
    const socket = connect(7001, link.farAddress);
    await once(socket, 'connect');
    const block = Buffer.alloc(65536);
    const feed = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', feed).on('error', () => undefined);
    feed();
    const carried = async (ms: number) => {
      const from = link.reports.at(-1);
      await delay(ms);
      const to = link.reports.at(-1);
      if (!from || !to) throw new Error('the link reported nothing');
      return ((to.up.sentBytes - from.up.sentBytes) * 8) / ((to.atUs - from.atUs) / 1000);
    };
    await delay(500);
    const kbps = await carried(2000);
    expect(kbps).toBeGreaterThan(3200);
    expect(kbps).toBeLessThan(4200);
    expect(Math.max(...link.reports.map(({ up }) => up.queueMs))).toBeGreaterThan(20);
    expect(Math.max(...link.reports.map(({ up }) => up.queueMs))).toBeLessThanOrEqual(201);

    link.stall('up', 700);
    await delay(100);
    expect(await carried(500)).toBe(0);
    await delay(300);
    expect(await carried(1000)).toBeGreaterThan(2000);

    link.set({ up: { rate: 1000 } });
    await delay(300);
    expect(await carried(1500)).toBeLessThan(1050);
    socket.destroy();

    // More at once than 200 ms at that rate hold; whether TCP ever sends that much is its own affair.
    const before = link.reports.at(-1)?.up.dropped ?? 0;
    const burst = createSocket('udp4');
    for (let i = 0; i < 100; i++) burst.send(Buffer.alloc(1000), 7002, link.farAddress);
    await delay(300);
    burst.close();
    expect((link.reports.at(-1)?.up.dropped ?? 0) - before).toBeGreaterThan(50);
  });

  it('is gone when it is closed', async () => {
    const link = await EmulatedLink.start();
    await link.close();
    const socket = connect({ port: 7001, host: link.farAddress, localAddress: link.nearAddress });
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});
