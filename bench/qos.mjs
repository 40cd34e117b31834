import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { AutoAdjustStrategy } from '#lib/live/enums';
import { median } from '#lib/measure/index';
import { EmulatedLink, linkProblem } from '../test/support/network/EmulatedLink.mjs';
import { LinkedCall, LoggedPlayer, startFarServer } from '../test/support/network/LinkedCall.mjs';
import { FfmpegPush } from './support/ffmpeg.mjs';
import { plotCall, plotProblem } from './support/plot.mjs';

const picture = { width: 640, height: 360, fps: 30 };
const sourceKbps = 1200;
/** Before anything happens to the network. */
const settleMs = 5000;
/** A call is back when each picture of a second is younger. */
const backMs = 300;
const around = { up: { delay: 20, queue: 1000 }, down: { delay: 20 } };

/**
 * What happens to the way up, in seconds after the call has settled; from when on its pictures count, and from when on
 * it should come back.
 * @typedef {{ at: number, rate?: number, stall?: number }} Step
 * @type {Record<string, { about: string, congestion?: string, start?: object, seconds: number, from: number, backFrom?: number, steps: Step[] }>}
 */
const scenarios = {
  'bottleneck-bbr': {
    about: '600 kbit/s for 1200, BBR',
    congestion: 'bbr',
    seconds: 27,
    from: 7,
    backFrom: 0,
    steps: [{ at: 0, rate: 600 }],
  },
  'bottleneck-cubic': {
    about: '600 kbit/s for 1200, CUBIC',
    congestion: 'cubic',
    seconds: 27,
    from: 7,
    backFrom: 0,
    steps: [{ at: 0, rate: 600 }],
  },
  halved: {
    about: '1400 kbit/s, halved, doubled again',
    start: { up: { rate: 1400 } },
    seconds: 25,
    from: 0,
    backFrom: 5,
    steps: [
      { at: 5, rate: 700 },
      { at: 15, rate: 1400 },
    ],
  },
  loss: {
    about: '100 ms round trip, 1 % loss',
    start: { up: { delay: 50, loss: 0.01 }, down: { delay: 50 } },
    seconds: 20,
    from: 0,
    steps: [],
  },
  stall: {
    about: 'a stall of 1 s',
    start: { up: { rate: 2500 } },
    seconds: 15,
    from: 0,
    backFrom: 6,
    steps: [{ at: 5, stall: 1000 }],
  },
  jitter: {
    about: 'Wi-Fi: up to 60 ms of jitter, pauses of 150 ms',
    start: { up: { rate: 4000, jitter: 60 } },
    seconds: 20,
    from: 0,
    steps: Array.from({ length: 10 }, (_, index) => ({ at: 2 * index, stall: 150 })),
  },
};

async function startOurs(url) {
  const call = await LinkedCall.start(url, {
    strategy: AutoAdjustStrategy.REALTIME_VIDEOCHAT,
    bitrateKbps: sourceKbps,
    minKbps: 100,
  });
  return {
    log: call.log,
    events: call.viewer.events,
    bitrates: () =>
      call.statuses.map(({ atUs, status }) => ({ atUs, kbps: status.SET_VIDEO_BITRATE })).filter(({ kbps }) => kbps),
    close: () => call.close(),
  };
}

/** Its push alone, into our player: ffmpeg's own, tuned, often finds no picture behind a network. */
async function startFfmpeg(url) {
  const pusher = new FfmpegPush({ ...picture, bitrateKbps: sourceKbps, profile: 'tuned', url });
  const player = new LoggedPlayer();
  try {
    await player.start(url);
  } catch (error) {
    await Promise.all([pusher.stop(), player.close()]);
    throw error;
  }
  return {
    log: player.log,
    events: player.events,
    bitrates: () => [],
    close: () => Promise.all([pusher.stop(), player.close()]),
  };
}

const ways = { ours: startOurs, 'ffmpeg tuned, our player': startFfmpeg };

/** Of this machine while `action` runs: senders of a network namespace of their own may not choose. */
async function withCongestion(name, action) {
  const path = '/proc/sys/net/ipv4/tcp_congestion_control';
  const before = readFileSync(path, 'utf8').trim();
  if (!name || name === before) return action();
  writeFileSync(path, name);
  try {
    return await action();
  } finally {
    writeFileSync(path, before);
  }
}

/** Seconds from `fromUs` until each picture of a whole second is younger than `backMs`; undefined when that never came. */
function backAfter(log, fromUs, untilUs) {
  for (let at = fromUs; at + 1e6 <= untilUs; at += 1e5) {
    const { count, maxMs } = log.ages(at, at + 1e6);
    if (count >= 8 && maxMs < backMs) return (at - fromUs) / 1e6;
  }
  return undefined;
}

async function measure(scenario, start) {
  const link = await EmulatedLink.start(around);
  let server;
  let call;
  try {
    server = await startFarServer(link);
    link.set(scenario.start ?? {});
    call = await start(`${server.rtmpUrl}/qos`);
    const deadline = performance.now() + 20_000;
    while (call.log.pictures.length === 0 && performance.now() < deadline) await delay(20);
    await delay(settleMs);
    const startedUs = clockMicros();
    const rates = [{ atUs: startedUs, kbps: scenario.start?.up.rate ?? 0 }];
    for (const { at, rate, stall } of scenario.steps) {
      await delay(Math.max(0, at * 1000 - (clockMicros() - startedUs) / 1000));
      if (rate !== undefined) {
        link.set({ up: { rate } });
        rates.push({ atUs: clockMicros(), kbps: rate });
      }
      if (stall !== undefined) link.stall('up', stall);
    }
    await delay(Math.max(0, scenario.seconds * 1000 - (clockMicros() - startedUs) / 1000));
    const endedUs = clockMicros();
    return {
      log: call.log,
      events: call.events,
      bitrates: call.bitrates(),
      reports: link.reports,
      rates,
      startedUs,
      endedUs,
    };
  } finally {
    await call?.close();
    await server?.close();
    await link.close();
  }
}

/** What of the link was used, where it was what limited. */
function usedPercent({ reports, rates, endedUs }, fromUs) {
  const limits = rates.filter(({ kbps }) => kbps > 0 && kbps < sourceKbps);
  if (limits.length === 0) return undefined;
  let [sent, room] = [0, 0];
  for (const limit of limits) {
    const next = rates.find(({ atUs }) => atUs > limit.atUs)?.atUs ?? endedUs;
    const inside = reports.filter(({ atUs }) => atUs >= Math.max(limit.atUs, fromUs) && atUs < next);
    const [first, last] = [inside[0], inside.at(-1)];
    if (!first || !last) continue;
    sent += (last.up.sentBytes - first.up.sentBytes) * 8;
    room += (limit.kbps * (last.atUs - first.atUs)) / 1000;
  }
  return room > 0 ? (100 * sent) / room : undefined;
}

function summary(scenario, run) {
  const fromUs = run.startedUs + scenario.from * 1e6;
  const ages = run.log.ages(fromUs, run.endedUs);
  return {
    p50Ms: ages.p50Ms,
    p95Ms: ages.p95Ms,
    maxMs: ages.maxMs,
    samples: ages.count,
    usedPercent: usedPercent(run, fromUs),
    freezeMs: run.log.longestFreezeMs(run.startedUs, run.endedUs),
    untoldFreezes: run.log.untoldFreezes(run.events, run.startedUs, run.endedUs).length,
    backSeconds:
      scenario.backFrom === undefined
        ? undefined
        : backAfter(run.log, run.startedUs + scenario.backFrom * 1e6, run.endedUs),
  };
}

/** A call over emulated bad networks, from the clock of the decoded pictures; a plot of each scenario's last run. */
export async function qos({ runs, progress, plots }) {
  const problem = plotProblem() ?? linkProblem();
  if (problem) throw new Error(problem);
  const rows = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    const plotted = {};
    for (const [way, start] of Object.entries(ways)) {
      const summaries = [];
      for (let run = 0; run < runs; run++) {
        progress(`${scenario.about}, ${way}, run ${run + 1} of ${runs}`);
        const done = await withCongestion(scenario.congestion, () => measure(scenario, start));
        plotted[way] = done;
        summaries.push(summary(scenario, done));
      }
      const row = { what: scenario.about, way, runs };
      for (const key of Object.keys(summaries[0])) {
        const values = summaries.map((one) => one[key]).filter((value) => Number.isFinite(value));
        // "Never back" is worse than any number of seconds.
        if (values.length * 2 > summaries.length) row[key] = median(values);
      }
      rows.push(row);
    }
    await plotCall(join(plots, `qos-${name}.svg`), scenario.about, plotted);
  }
  return rows;
}
