import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { inLanes } from '../support/crowd/inLanes.js';
import { needOpenFiles } from '../support/needOpenFiles.js';
import { patient } from '../support/patience.js';
import { raw } from '../support/server/roomClient.js';
import { ServiceProcess } from '../support/server/ServiceProcess.js';

const connections = Number(process.env.RTCROOM_IDLE_CONNECTIONS ?? 10_000);
const asked = 300;

const idle = (index: number) => ({ userID: `idle${index}`, token: `token of ${index}` });

/** A file in which they are logged in: 10,000 logins are for another test. */
async function loggedIn(path: string): Promise<void> {
  const store = new SqliteRoomStore({ path });
  for (let index = 0; index < connections; index++) {
    const { userID, token } = idle(index);
    const hash = createHash('sha256').update(token).digest('hex');
    await store.putToken({ userID, hash, expiresAtMs: Date.now() + 86_400_000 }, Date.now());
  }
  await store.close();
}

interface IdleStream {
  socket: Socket;
  text: string;
}

/** A stream of events that nobody does anything with, on a bare connection. */
async function openStream(port: number, index: number): Promise<IdleStream> {
  const socket = connect(port, '127.0.0.1');
  const stream = { socket, text: '' };
  await once(socket, 'connect');
  socket.write(`GET /weapp/im/events?${new URLSearchParams(idle(index))} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`stream ${index} was closed: ${stream.text}`)));
    socket.on('data', (piece) => {
      stream.text = (stream.text + piece).slice(-2000);
      if (stream.text.includes('event: ready')) resolve();
    });
  });
  return stream;
}

it(
  `${connections} idle event streams are served, and the rest is unharmed`,
  async (context) => {
    needOpenFiles(connections + 500);
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-idle-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const database = join(folder, 'rooms.db');
    await loggedIn(database);
    const service = await ServiceProcess.start({ database, pingIntervalMs: 5000, logLevel: 'warn' });
    context.onTestFinished(() => service.kill());
    const alice = await service.login('alice');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    context.onTestFinished(() => agent.destroy());

    const metric = async (name: string) => {
      const { text } = await raw(`${service.url}/metrics`, { method: 'GET', agent });
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    };
    /** Median and 99th of so many calls one after the other, ms. */
    const latencies = async () => {
      const times: number[] = [];
      const url = `${service.url}/weapp/multi_room/get_room_list?${new URLSearchParams({ ...alice })}`;
      for (let call = 0; call < asked; call++) {
        const sinceMs = performance.now();
        const { json } = await raw(url, { body: '{}', headers: { 'content-type': 'application/json' }, agent });
        times.push(performance.now() - sinceMs);
        expect(json.code).toBe(0);
      }
      times.sort((one, other) => one - other);
      return { median: times[asked / 2] as number, p99: times[Math.floor(asked * 0.99)] as number };
    };
    const alone = await latencies();
    const memoryBefore = await metric('process_resident_memory_bytes');

    const streams: IdleStream[] = [];
    context.onTestFinished(() => {
      for (const { socket } of streams) socket.destroy();
    });
    const sinceMs = performance.now();
    const indexes = Array.from({ length: connections }, (_, index) => index);
    await inLanes(indexes, async (index) => streams.push(await openStream(service.port, index)), 100);
    const openedMs = performance.now() - sinceMs;
    expect(await metric('rtcroom_im_streams')).toBe(connections);
    const beside = await latencies();
    // Every stream is given its signs of life.
    await expect
      .poll(() => streams.filter(({ text }) => !text.includes(': ping')).length, { timeout: patient(20_000) })
      .toBe(0);
    const memory = (await metric('process_resident_memory_bytes')) - memoryBefore;
    const ms = ({ median, p99 }: typeof alone) => `${median.toFixed(1)} / ${p99.toFixed(1)} ms`;
    process.stdout.write(
      `${connections} idle streams: open after ${(openedMs / 1000).toFixed(1)} s, ` +
        `${(memory / connections / 1024).toFixed(1)} KB each; a call of another (median / 99th) ${ms(alone)} before, ${ms(beside)} beside them\n`,
    );
    expect(memory / connections).toBeLessThan(48 * 1024);
    expect(beside.median).toBeLessThan(alone.median * 3 + 10);
    expect(beside.p99).toBeLessThan(alone.p99 * 3 + patient(250));

    // A message finds the one that it is for.
    const elements = [{ type: 'text', text: 'are you there' }];
    const last = connections - 1;
    expect((await service.post('im/send', alice, { msgID: 'm', to: `idle${last}`, elements })).json.code).toBe(0);
    const told = () => streams.filter(({ text }) => text.includes('are you there'));
    await expect.poll(() => told().length).toBe(1);
    expect(streams.every(({ socket }) => !socket.destroyed)).toBe(true);
    for (const { socket } of streams) socket.destroy();
    await expect.poll(() => metric('rtcroom_im_streams'), { timeout: patient(10_000) }).toBe(0);
    expect(service.log).toBe('');
  },
  patient(120_000),
);
