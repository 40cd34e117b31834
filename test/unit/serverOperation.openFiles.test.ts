import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { raw } from '../support/server/roomClient.js';
import { ServiceProcess } from '../support/server/ServiceProcess.js';

const openFiles = 256;

/** CPU time that a process has had, ms (clock ticks of 10 ms). */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function open(port: number, request = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (request !== '') {
    socket.write(request);
    await once(socket, 'data');
  }
  socket.resume();
  return socket;
}

describe('a service whose connections come to the limit of open files', () => {
  it('refuses newcomers, says why, serves who is there, and everybody when there is room again', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-files-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const service = await ServiceProcess.start({ database: join(folder, 'rooms.db'), logLevel: 'info' }, { openFiles });
    context.onTestFinished(() => service.kill());
    const alice = await service.login('alice');
    const stream = await service.listen(alice);
    context.onTestFinished(() => stream.close());
    const flood: Socket[] = [];
    context.onTestFinished(() => {
      for (const socket of flood) socket.destroy();
    });
    // Of those that wait for more of their request, none may be taken for idle.
    const floodOf = async (count: number) => {
      for (let sent = 0; sent < count; sent++) flood.push(await open(service.port));
    };
    await floodOf(400);
    await expect.poll(() => service.log).toContain('EMFILE');
    const told = service.log.split('\n').filter((line) => line.includes('EMFILE'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0] as string)).toMatchObject({ openFiles, maxConnections: openFiles - 64 });
    await expect
      .poll(() => flood.filter((socket) => socket.closed).length)
      .toBeGreaterThanOrEqual(400 - openFiles + 64);
    const before = await cpuMs(service.pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await cpuMs(service.pid)) - before).toBeLessThan(250);
    expect(stream.ended).toBe(false);

    for (const socket of flood.splice(0)) socket.destroy();
    await expect
      .poll(() =>
        raw(`${service.url}/healthz`, { method: 'GET' }).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    // The store had its files all the time.
    await service.post('multi_room/create_room', alice, { userID: 'alice', roomInfo: '', roomID: 'room' });
    await service.enter(alice, 'room');
    await stream.until(() => stream.messages.length === 1);
    const metrics = (await raw(`${service.url}/metrics`, { method: 'GET' })).text;
    expect(Number(/^rtcroom_connections_refused_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(208);
  });

  it('closes connections that nobody uses rather than refuse for long', async (context) => {
    const service = await ServiceProcess.start({}, { openFiles });
    context.onTestFinished(() => service.kill());
    const idle: Socket[] = [];
    context.onTestFinished(() => {
      for (const socket of idle) socket.destroy();
    });
    for (let count = 0; count < openFiles - 64; count++) {
      idle.push(await open(service.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'));
    }
    const login = () =>
      service.login('alice').then(
        () => true,
        () => false,
      );
    await expect.poll(login, { timeout: 5000 }).toBe(true);
  });
});
