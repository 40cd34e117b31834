import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { Crowd } from '../support/crowd/Crowd.js';
import { found } from '../support/crowd/founded.js';
import type { LightMember } from '../support/crowd/LightMember.js';
import { Town } from '../support/crowd/Town.js';
import { freePort } from '../support/freePort.js';
import { patient } from '../support/patience.js';
import { randomNumbers, testSeed } from '../support/random.js';
import { Balancer } from '../support/server/Balancer.js';
import { RedisServer } from '../support/server/RedisServer.js';
import { ServiceProcess, type ServiceProcessOptions } from '../support/server/ServiceProcess.js';

const rooms = Number(process.env.RTCROOM_CROWD_ROOMS ?? 200);
const size = { rooms, real: rooms / 5, visited: rooms / 4, contended: rooms / 4 };
/** Within that everybody has to be where and see what the service says, ms. */
const convergeMs = patient(10_000);
const timing = { heartbeatTimeoutMs: patient(14_000), sweepIntervalMs: 500 };
const beatMs = 4000;

/** The crowd of a test, which ends with it. */
function crowdAt(context: TestContext, url: string, random: () => number): { crowd: Crowd; town: Town } {
  const crowd = new Crowd({ url, random, beatMs });
  const town = new Town(crowd, size);
  context.onTestFinished(async () => {
    await town.close();
    await crowd.close();
  });
  return { crowd, town };
}

function report(what: string, timesMs: readonly number[]): void {
  process.stdout.write(`${what}: all converged after ${timesMs.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s\n`);
}

/** What has to hold of every text, and at the end of every seat. */
async function conclude(crowd: Crowd, town: Town, texts: Town['rooms']): Promise<void> {
  await expect.poll(() => town.unheard(texts), { timeout: patient(5000) }).toEqual([]);
  expect(town.members.flatMap(({ accepted }) => accepted).length).toBeGreaterThan(rooms);
  for (const { residents } of town.rooms) for (const one of residents) one.mayEnd = true;
  expect(await town.leaveAll()).toEqual([]);
  expect(crowd.faults).toEqual([]);
}

describe(`${rooms} rooms of members who talk, come and go`, { timeout: patient(180_000) }, () => {
  it('outlive kills of a service on a file: no ghost, no seat lost, each text once and in order', async (context) => {
    const random = randomNumbers(testSeed('kills of a service'));
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-crowd-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const port = await freePort();
    const { crowd, town } = crowdAt(context, `http://127.0.0.1:${port}`, random);
    const database = join(folder, 'rooms.db');
    await found({ database }, town.founded);
    const options: ServiceProcessOptions = { ...timing, database, port };
    // All are in before time counts.
    let service = await ServiceProcess.start({ ...options, heartbeatTimeoutMs: 600_000 });
    context.onTestFinished(() => service.kill());
    await town.settle();
    town.live();
    const times: number[] = [];
    const killAndRestart = async () => {
      await crowd.wait(crowd.between(300, 2000));
      await service.kill();
      service = await ServiceProcess.start(options);
    };
    const converge = async () => {
      const sinceMs = performance.now();
      await town.pause();
      times.push(await town.converge(sinceMs, convergeMs));
      town.go();
    };
    await killAndRestart();
    await converge();
    // Again in the middle of coming back. Some die with it and others end their room, which the kill may keep from all.
    await killAndRestart();
    const living = town.rooms.slice(0, rooms * 0.8);
    const dying = town.rooms.slice(rooms * 0.8, rooms * 0.9);
    const ending = town.rooms.slice(rooms * 0.9);
    for (const { residents } of dying) (residents[1] as LightMember).die();
    for (const { residents, visitors } of ending) for (const one of [...residents, ...visitors]) one.mayEnd = true;
    await crowd.wait(crowd.between(300, 2000));
    const gone = Promise.all(ending.map((room) => town.creatorOf(room).leave()));
    await crowd.wait(crowd.between(0, 20));
    await service.kill();
    service = await ServiceProcess.start(options);
    const sinceMs = performance.now();
    await gone;
    await town.pause();
    times.push(await town.converge(sinceMs, convergeMs, [...living, ...ending]));
    report('service on a file', times);
    // The dead have the time of every member to be heard again, and then their seats are free.
    await town.converge(sinceMs, timing.heartbeatTimeoutMs + patient(5000), dying);
    expect(crowd.refusals).toEqual(new Map());
    await conclude(crowd, town, living);
  });

  it('outlive the kill of one of two services on a Redis, and of Redis', async (context) => {
    const random = randomNumbers(testSeed('kills of services and Redis'));
    const redis = await RedisServer.start({ persistent: true });
    context.onTestFinished(() => redis.close());
    const ports = [await freePort(), await freePort()];
    const balancer = await Balancer.start(ports);
    context.onTestFinished(() => balancer.close());
    const { crowd, town } = crowdAt(context, balancer.url, random);
    await found({ redis: redis.url }, town.founded);
    const optionsOf = (port: number) => ({ redis: redis.url, port, heartbeatTimeoutMs: 60_000, sweepIntervalMs: 500 });
    const services = await Promise.all(ports.map((port) => ServiceProcess.start(optionsOf(port))));
    context.onTestFinished(async () => {
      await Promise.all(services.map((one) => one.kill()));
    });
    await town.settle();
    town.live();
    const times: number[] = [];
    const converge = async () => {
      const sinceMs = performance.now();
      await town.pause();
      times.push(await town.converge(sinceMs, convergeMs));
      town.go();
    };
    await crowd.wait(crowd.between(300, 2000));
    await services[0]?.kill();
    await converge();
    services[0] = await ServiceProcess.start(optionsOf(ports[0] as number));
    await crowd.wait(crowd.between(300, 2000));
    await redis.kill();
    await crowd.wait(crowd.between(200, 1500));
    await redis.run();
    await converge();
    report('services on Redis', times);
    await town.pause();
    await conclude(crowd, town, town.rooms);
  });
});
