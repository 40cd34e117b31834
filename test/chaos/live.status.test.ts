import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAddon } from '#lib/live/addon';
import type { StatusKey } from '#lib/live/status';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { statusRows } from '../../scripts/docs/engineTables.mjs';
import type { Place } from '../support/live/eventScenarios.js';
import { Reports, type Side, statusScenarios } from '../support/live/statusScenarios.js';

type ScenarioName = keyof typeof statusScenarios;
type Values = (number | string)[];
/** Holds a key's values of one scenario to what happened in it. */
type Check = [by: ScenarioName, holds: (values: Values, reports: Reports) => void];

const numbers = (values: Values) => values.map(Number);
/** Of what was reported, without the first, which begins before there is anything. */
const within =
  (least: number, most: number) =>
  (values: Values): void => {
    const settled = numbers(values).slice(1);
    expect(settled.length).toBeGreaterThan(0);
    expect(Math.min(...settled)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...settled)).toBeLessThanOrEqual(most);
  };
const middle = (values: Values): number => {
  const sorted = numbers(values).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
};
const about =
  (least: number, most: number) =>
  (values: Values): void => {
    expect(middle(values)).toBeGreaterThanOrEqual(least);
    expect(middle(values)).toBeLessThanOrEqual(most);
  };
const reaches =
  (least: number, most = Number.POSITIVE_INFINITY) =>
  (values: Values): void => {
    expect(Math.max(...numbers(values))).toBeGreaterThanOrEqual(least);
    expect(Math.max(...numbers(values))).toBeLessThanOrEqual(most);
  };
const falls = (to: number) => (values: Values) => {
  expect(Math.max(...numbers(values))).toBeGreaterThan(to);
  expect(numbers(values).at(-1)).toBeLessThanOrEqual(to);
};
const is = (value: number | string) => (values: Values) => expect(new Set(values)).toEqual(new Set([value]));
const counts = (values: Values) => {
  expect(numbers(values)[0]).toBe(0);
  expect(numbers(values)).toEqual(numbers(values).sort((a, b) => a - b));
  reaches(1)(values);
};
const nothingYet = within(0, 0);
const mean = (values: Values) => numbers(values).reduce((sum, value) => sum + value, 0) / values.length;
/** Of both sides alike: nothing is made up between the encoder and the player. Reports fall on beeps or between them. */
const asPushed = (key: StatusKey) => (values: Values, reports: Reports) => {
  const pushed = mean(reports.values('pusher', key));
  expect(mean(values) / pushed).toBeGreaterThan(0.7);
  expect(mean(values) / pushed).toBeLessThan(1.4);
};
/** The SDK's rule of thumb: on a good network the speed is that of picture and sound. */
const speedOf = (side: Side) => (values: Values, reports: Reports) => {
  const media = mean(reports.values(side, 'VIDEO_BITRATE')) + mean(reports.values(side, 'AUDIO_BITRATE'));
  expect(mean(values) / media).toBeGreaterThan(0.8);
  expect(mean(values) / media).toBeLessThan(1.5);
};
const server = (side: Side) => (values: Values, reports: Reports) => is(reports.servers[side] as string)(values);

/** Where the values of each key are driven to, on each side that tells it. */
const rows: Partial<Record<StatusKey, Partial<Record<Side, Check[]>>>> = {
  CPU_USAGE: {
    pusher: [['clean', (values, { cpuPercent }) => about(cpuPercent / 2, Math.min(100, cpuPercent * 2))(values)]],
    player: [['clean', (values, { cpuPercent }) => about(cpuPercent / 2, Math.min(100, cpuPercent * 2))(values)]],
  },
  CPU_USAGE_DEVICE: {
    pusher: [['clean', (values, { cpuPercent }) => about(cpuPercent / 2, 100)(values)]],
    player: [['clean', (values, { cpuPercent }) => about(cpuPercent / 2, 100)(values)]],
  },
  VIDEO_BITRATE: {
    pusher: [['clean', about(40, 480)]],
    player: [
      ['clean', asPushed('VIDEO_BITRATE')],
      ['soundAlone', nothingYet],
    ],
  },
  // A beep a second.
  AUDIO_BITRATE: { pusher: [['clean', reaches(10, 90)]], player: [['clean', asPushed('AUDIO_BITRATE')]] },
  VIDEO_FPS: {
    pusher: [['clean', about(15, 32)]],
    player: [
      ['clean', asPushed('VIDEO_FPS')],
      ['soundAlone', nothingYet],
    ],
  },
  VIDEO_GOP: {
    pusher: [['clean', about(0.6, 0.9)]],
    player: [
      ['clean', about(0.6, 0.9)],
      ['uneven', about(0.25, 0.5)],
    ],
  },
  NET_SPEED: { pusher: [['clean', speedOf('pusher')]], player: [['clean', speedOf('player')]] },
  NET_JITTER: {
    // The way is one inside the machine; test/network has a long one.
    pusher: [['clean', about(0.001, 40)]],
    player: [
      ['clean', about(0.01, 40)],
      ['uneven', reaches(2)],
      ['soundAlone', about(0.01, 40)],
    ],
  },
  CACHE_SIZE: {
    pusher: [
      ['clean', about(0, 2)],
      ['hanging', reaches(50)],
    ],
    player: [
      ['clean', about(0, 15)],
      // 45 pictures and 70 sounds, or more where the machine falls behind.
      ['cached', reaches(80, 400)],
    ],
  },
  CODEC_CACHE: {
    pusher: [['clean', within(0, 1)]],
    // Above: native/test/playout/queue.cpp, with a decoder that takes none.
    player: [['clean', about(0, 1)]],
  },
  DROP_SIZE: {
    pusher: [
      ['clean', nothingYet],
      ['hanging', counts],
    ],
    player: [
      ['clean', nothingYet],
      ['uneven', counts],
    ],
  },
  CODEC_DROP_CNT: {
    // Fifty at once; a busy machine begins before.
    pusher: [['hanging', reaches(40)]],
    player: [
      ['clean', nothingYet],
      ['foreign', reaches(2, 90)],
    ],
  },
  VIDEO_WIDTH: { pusher: [['clean', within(320, 320)]], player: [['clean', within(320, 320)]] },
  VIDEO_HEIGHT: { pusher: [['clean', within(180, 180)]], player: [['clean', within(180, 180)]] },
  SERVER_IP: {
    pusher: [
      ['clean', server('pusher')],
      ['hanging', server('pusher')],
    ],
    player: [
      ['clean', server('player')],
      ['uneven', server('player')],
    ],
  },
  SET_VIDEO_BITRATE: {
    pusher: [
      ['clean', within(400, 400)],
      ['hanging', falls(10_000)],
    ],
  },
  SET_VIDEO_FPS: {
    pusher: [
      ['clean', within(30, 30)],
      ['hanging', within(8, 30)],
    ],
  },
  VIDEO_ENCODER: { pusher: [['clean', (values) => expect(new Set(values)).toEqual(new Set([values[0]]))]] },
  SKIP_SIZE: {
    pusher: [
      ['clean', nothingYet],
      ['hanging', counts],
    ],
  },
  QUEUE_DELAY: {
    pusher: [
      ['clean', about(0, 60)],
      ['hanging', reaches(1000)],
    ],
  },
  // test/network has packets that are lost.
  RETRANSMITS: { pusher: [['clean', about(0, 5)]] },
  VIDEO_CACHE_SIZE: {
    player: [
      ['clean', about(0, 8)],
      ['cached', reaches(36, 150)],
    ],
  },
  V_DEC_CACHE_SIZE: {
    player: [
      ['clean', nothingYet],
      ['foreign', reaches(1, 4)],
    ],
  },
  AV_PLAY_INTERVAL: {
    player: [
      ['clean', about(-100, 100)],
      ['cached', about(-100, 100)],
    ],
  },
  AV_RECV_INTERVAL: { player: [['clean', about(-120, 120)]] },
  AUDIO_PLAY_SPEED: {
    player: [
      ['clean', about(1, 1)],
      ['cached', reaches(1.1, 1.13)],
    ],
  },
  AUDIO_INFO: {
    player: [
      ['clean', is('48000,1')],
      ['foreign', is('44100,2')],
    ],
  },
  // test/network has a long one.
  RTT: { pusher: [['clean', about(0.001, 50)]], player: [['clean', about(0.001, 50)]] },
  PLAY_DELAY: {
    player: [
      // The most that a call is held back.
      ['clean', about(0, 250)],
      ['uneven', reaches(10)],
      ['cached', reaches(1450, 5000)],
    ],
  },
  END_TO_END_LATENCY: {
    player: [
      ['clean', about(0.5, 500)],
      ['cached', reaches(1400, 6000)],
    ],
  },
};

/** Keys that are absent where there is nothing for them. */
const absent: Record<Side, StatusKey[]> = {
  pusher: ['VIDEO_GOP', 'VIDEO_ENCODER'],
  player: ['VIDEO_GOP', 'AV_PLAY_INTERVAL', 'AV_RECV_INTERVAL'],
};

describe('the status of the embedded engine', () => {
  // A publisher that is held up is silent to it.
  const media = new EmbeddedMediaServer({ publisherSilenceMs: 60_000 });
  const done = new Map<ScenarioName, Promise<Reports>>();
  let place: Place;

  /** Runs each scenario once. */
  function reportsOf(name: ScenarioName): Promise<Reports> {
    const before = done.get(name);
    if (before) return before;
    const run = async () => {
      const reports = new Reports();
      await statusScenarios[name](reports, place);
      return reports;
    };
    const running = run();
    running.catch(() => {}); // whoever awaits it sees it
    done.set(name, running);
    return running;
  }

  beforeAll(async () => {
    await media.start();
    place = { media, directory: await mkdtemp(join(tmpdir(), 'rtcroom-status-')) };
    // Each alone: nothing else may trouble the first, and the second needs the machine to be more than a server takes.
    await reportsOf('clean').catch(() => {});
    await reportsOf('hanging').catch(() => {});
    for (const name of Object.keys(statusScenarios) as ScenarioName[]) void reportsOf(name);
  });
  afterAll(async () => {
    await Promise.allSettled(done.values());
    await media.close();
    if (place) await rm(place.directory, { recursive: true, force: true });
  });

  describe.each(['pusher', 'player'] as const)('of a %s', (side) => {
    const tells = ({ embedded }: { embedded: string }) => embedded === 'both' || embedded === side;

    it('has the keys that the table says, and no others', async () => {
      const promised = Object.entries(statusRows).flatMap(([key, row]) => (tells(row) ? key : []));
      const { [side]: reports } = await reportsOf('clean');
      expect(new Set(reports.flatMap((report) => Object.keys(report)))).toEqual(new Set(promised));
    });

    it('leaves out what does not apply', async () => {
      const { [side]: reports } = await reportsOf('soundAlone');
      const keys = reports.flatMap((report) => Object.keys(report));
      for (const key of absent[side]) expect(keys).not.toContain(key);
      expect(keys).toContain('AUDIO_BITRATE');
    });

    it.each(loadAddon().statusTable())('$key', async ({ key }) => {
      const row = statusRows[key as StatusKey];
      const checks = rows[key as StatusKey]?.[side] ?? [];
      expect(row, 'a new key: what does it mean?').toBeDefined();
      expect(checks.length > 0, 'each key that is told is driven, and no other').toBe(tells(row));
      for (const [by, holds] of checks) {
        const reports = await reportsOf(by);
        const values = reports.values(side, key as StatusKey);
        expect(values, `${by} reports it`).not.toHaveLength(0);
        try {
          holds(values, reports);
        } catch (error) {
          throw new Error(`${by}: ${values.join(' ')}`, { cause: error });
        }
      }
      if (row.embedded !== 'neither') return;
      const folder = new URL('../../native/embedded', import.meta.url);
      for (const file of (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.cpp')))
        expect(await readFile(join(folder.pathname, file), 'utf8'), `it is in ${file}`).not.toContain(`"${key}"`);
    });
  });
});
