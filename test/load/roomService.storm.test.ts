import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Crowd } from '../support/crowd/Crowd.js';
import { found } from '../support/crowd/founded.js';
import { inLanes } from '../support/crowd/inLanes.js';
import { LightMember } from '../support/crowd/LightMember.js';
import { freePort } from '../support/freePort.js';
import { needOpenFiles } from '../support/needOpenFiles.js';
import { patient } from '../support/patience.js';
import { randomNumbers, testSeed } from '../support/random.js';
import { ServeProcess } from '../support/server/ServeProcess.js';

const members = Number(process.env.RTCROOM_STORM_MEMBERS ?? 5000);
const logins = Math.min(members, 800);
const seats = 4;
const heartbeatTimeoutMs = patient(10_000);
/** Then most have been silent for longer than that when the service is back. */
const awayMs = heartbeatTimeoutMs - 3000;

it(
  `${members} members behind one address come back to rtcroom serve with its own limits, and none is refused or expired`,
  async (context) => {
    needOpenFiles(members + 500);
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-storm-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const database = join(folder, 'rooms.db');
    const port = await freePort();
    const start = (timeoutMs: number) => {
      const flags = ['--port', String(port), '--database', database, '--log-level', 'warn'];
      return ServeProcess.start([...flags, '--heartbeat-timeout-ms', String(timeoutMs)]);
    };
    const crowd = new Crowd({ url: `http://127.0.0.1:${port}`, random: randomNumbers(testSeed('storm')) });
    context.onTestFinished(() => crowd.close());
    const all = Array.from({ length: members }, (_, index) => new LightMember(crowd, `user${index}`));
    const rooms = Array.from({ length: members / seats }, (_, index) => all.slice(index * seats, (index + 1) * seats));
    await found(
      { database },
      rooms.map((seated, index) => ({ roomID: `room${index}`, seated })),
    );
    // All are in before time counts.
    let service = await start(600_000);
    context.onTestFinished(() => service.kill());
    // More than may guess in a minute from one address.
    await inLanes(all.slice(0, logins), (one) => one.login());
    await inLanes(all, (one) => one.start());
    const before = new Map(all.map((one) => [one, { beats: one.beats, opened: one.opened }]));

    await service.kill();
    await crowd.wait(awayMs);
    service = await start(heartbeatTimeoutMs);
    const sinceMs = performance.now();
    for (const [one, was] of before) was.beats = one.beats;
    const isBack = (one: LightMember) =>
      one.isOpen &&
      one.opened > (before.get(one)?.opened ?? 0) &&
      one.sees(one.members) &&
      one.members.length === seats;
    const isHeard = (one: LightMember) => one.beats > (before.get(one)?.beats ?? 0);
    const seconds = async (done: (one: LightMember) => boolean) => {
      for (;;) {
        const left = all.filter((one) => !done(one)).length;
        const ms = performance.now() - sinceMs;
        if (left === 0) return ms / 1000;
        if (ms > patient(30_000)) throw new Error(`${left} did not come back in time; ${crowd.faults.join('; ')}`);
        await crowd.wait(50);
      }
    };
    const [back, heard] = await Promise.all([seconds(isBack), seconds(isHeard)]);
    process.stdout.write(
      `restart of ${members} members: all streams open again after ${back.toFixed(1)} s, all heard after ${heard.toFixed(1)} s\n`,
    );
    expect(Math.max(back, heard)).toBeLessThan(patient(20));
    expect(crowd.refusals).toEqual(new Map());
    expect(crowd.faults).toEqual([]);

    // By now whoever was not heard would have expired, and the list is of those who are there.
    await crowd.wait(Math.max(0, sinceMs + heartbeatTimeoutMs + 1000 - performance.now()));
    const asker = {
      userID: 'asker',
      token: (await crowd.call('multi_room/login', crowd.loginQuery('asker'), {})).token,
    };
    let listed = 0;
    for (let index = 0; index < rooms.length; index += 1000) {
      const { rooms: some } = await crowd.call('multi_room/get_room_list', asker, { index, cnt: 1000 });
      for (const { pushers } of some) listed += pushers.length;
    }
    expect(listed).toBe(members);
    expect(crowd.faults).toEqual([]);
    expect(service.log).toBe('');
  },
  patient(300_000),
);
