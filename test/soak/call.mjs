#!/usr/bin/env node
/**
 * A long call of two people in one process, recorded, with room service and media server. Samples memory, handles,
 * threads and file descriptors and fails when one of them grows after the first minute.
 *
 * Rule: the Theil-Sen slope (median of the slopes between all pairs of samples) after the warm-up must stay under the
 * bound, and threads, descriptors and handles must not end higher than they began. The memory judged is the anonymous
 * resident one (what the process has allocated, without the pages of programs and libraries), each time after a full
 * garbage collection: without it V8's heap swings by tens of MB between collections that are minutes apart. It may grow
 * by 200 KB a minute, the allocator's own wander; a leak of one 360p frame a second is 20 MB a minute.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Table from 'cli-table3';
import { clockMicros } from '#lib/live/engine';
import { CallMeter, median, theilSenSlope } from '#lib/measure/index';
import { RTCRoom } from '#lib/room/RTCRoom';
import { startTestService } from '#lib/testing/index';

const sampleMs = 5000;
const memoryKbPerMinute = 200;
const countPerMinute = 0.2;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, json: { type: 'boolean', default: false } },
});
const minutes = Number(values.minutes);
if (!(minutes >= 1.5 && minutes <= 24 * 60)) {
  process.stderr.write('--minutes must be from 1.5 (one of warm-up, half of measuring) to 1440\n');
  process.exit(2);
}
const warmUpMs = 60_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

function sample(startedMs) {
  collectGarbage();
  const status = readFileSync('/proc/self/status', 'utf8');
  return {
    minute: (performance.now() - startedMs) / 60_000,
    anonymousKb: Number(status.match(/^RssAnon:\s+(\d+)/m)?.[1]),
    rssKb: Number(status.match(/^VmRSS:\s+(\d+)/m)?.[1]),
    heapKb: Math.round(process.memoryUsage().heapUsed / 1024),
    handles: process.getActiveResourcesInfo().length,
    threads: readdirSync('/proc/self/task').length,
    descriptors: readdirSync('/proc/self/fd').length,
  };
}

async function view(room, from, path) {
  const meter = new CallMeter({ startedAtUs: clockMicros() });
  let recording = Promise.resolve();
  const player = await room.addRemoteView(from, {
    player: { videoFormat: 'i420', audioOutput: true },
    onPlayer: (made) => {
      // Right behind startPlay, which follows this call.
      recording = Promise.resolve().then(() => made.startLocalRecord(path));
      made.on('videoFrame', (frame) => {
        meter.video(frame, clockMicros());
        frame.close();
      });
      made.on('audioFrame', (frame) => {
        meter.audio(frame);
        frame.close();
      });
    },
  });
  await recording;
  return { meter, player };
}

/** @returns the rows of the verdict */
function judge(samples) {
  const settled = samples.filter(({ minute }) => minute * 60_000 >= warmUpMs);
  const quarter = Math.max(1, Math.floor(settled.length / 4));
  return ['anonymousKb', 'handles', 'threads', 'descriptors'].map((name) => {
    const slope = theilSenSlope(settled.map((each) => ({ x: each.minute, y: each[name] })));
    const first = median(settled.slice(0, quarter).map((each) => each[name]));
    const last = median(settled.slice(-quarter).map((each) => each[name]));
    const bound = name === 'anonymousKb' ? memoryKbPerMinute : countPerMinute;
    const held = slope <= bound && (name === 'anonymousKb' || last <= first);
    return { name, first, last, slope, bound, held };
  });
}

const folder = mkdtempSync(join(tmpdir(), 'rtcroom-soak-'));
const service = await startTestService();
const [a, b] = [new RTCRoom(), new RTCRoom()];
const errors = [];
let failed = true;
try {
  for (const room of [a, b]) room.on('error', (error) => errors.push(`${error.code} ${error.message}`));
  const synthetic = { video: { source: 'synthetic' }, audio: { source: 'synthetic' } };
  await a.login(service.loginInfo('A'));
  await b.login(service.loginInfo('B'));
  await a.startLocalPreview(synthetic);
  await b.startLocalPreview(synthetic);
  const joined = new Promise((resolve) => a.once('memberJoin', resolve));
  const roomID = await a.createRoom();
  await b.enterRoom({ roomID });
  await joined;
  const views = [await view(a, 'B', join(folder, 'B.mp4')), await view(b, 'A', join(folder, 'A.mp4'))];
  const started = performance.now();
  const samples = [];
  while (performance.now() - started < minutes * 60_000) {
    await delay(sampleMs);
    const now = sample(started);
    samples.push(now);
    const line = `${now.minute.toFixed(1).padStart(6)} min  ${now.anonymousKb} KB of ${now.rssKb} KB  ${now.heapKb} KB of JS heap  ${now.handles} handles  ${now.threads} threads  ${now.descriptors} descriptors`;
    if (!values.json && samples.length % 6 === 0) process.stdout.write(`${line}\n`);
    await a.sendRoomTextMsg(`minute ${now.minute.toFixed(1)}`);
  }
  for (const { player } of views) await player.stopLocalRecord();
  const verdict = judge(samples);
  const calls = views.map(({ meter }) => meter.report());
  failed =
    errors.length > 0 ||
    verdict.some(({ held }) => !held) ||
    calls.some(({ lost, frames }) => lost > 0 || frames === 0);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ok: !failed, verdict, calls, errors, samples })}\n`);
  } else {
    const table = new Table({
      head: ['', 'first', 'last', 'slope a minute', 'bound', ''],
      style: { head: [], border: [] },
    });
    for (const row of verdict)
      table.push([row.name, row.first, row.last, row.slope.toFixed(2), row.bound, row.held ? 'ok' : 'GROWS']);
    process.stdout.write(`${table}\n`);
    for (const call of calls) {
      process.stdout.write(
        `frames ${call.frames}, lost ${call.lost}, latency p95 ${call.latency?.p95Ms.toFixed(1)} ms, A/V ${call.avOffsetMs?.toFixed(1)} ms\n`,
      );
    }
    process.stdout.write(errors.length > 0 ? `errors: ${errors.join('; ')}\n` : '');
    process.stdout.write(failed ? 'soak: FAILED\n' : 'soak: ok\n');
  }
} finally {
  await Promise.all([a.close(), b.close()]);
  await service.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
