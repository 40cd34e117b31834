import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repairRecording } from '#lib/live/repairRecording';
import { readClock } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { writeResult } from '../../bench/support/results.mjs';
import { probe, runTool } from '../support/ffmpeg.js';
import { playUrl, pushUrl } from '../support/mediaServer.js';
import { patient, sanitized } from '../support/patience.js';
import { randomNumbers, testSeed } from '../support/random.js';

const kills = sanitized ? 8 : 100;
/** Children that record at the same time. */
const lanes = sanitized ? 2 : 6;
/** Every so manieth is killed while it makes plain files of its recordings. */
const endingEvery = 5;
/** In the documents. */
const what = 'kill -9 of a process that records what it pushes and what it plays';
const [width, height, framesPerSecond] = [320, 180, 15];
const scenario = fileURLToPath(new URL('../support/live/recordScenario.mjs', import.meta.url));

interface Kill {
  number: number;
  /** Pictures that the child has told of by then: past the key frame with which the player's recording begins. */
  afterPictures: number;
  /** And then so much later, ms. */
  delayMs: number;
  ending: boolean;
}

interface Outcome {
  /** Pictures that came and are not in a file: of the two, the one that lacks more. */
  lost: number;
  /** Files that were repaired, of two. */
  repaired: number;
}

function planKills(seed: number): Kill[] {
  const random = randomNumbers(seed);
  return Array.from({ length: kills }, (_, number) => ({
    number,
    afterPictures: Math.floor((1 + 1.5 * random()) * framesPerSecond),
    delayMs: random() * 40,
    ending: number % endingEvery === endingEvery - 1,
  }));
}

describe('recordings of a process that is killed', () => {
  let media: EmbeddedMediaServer;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtcroom-kill-'));
    media = new EmbeddedMediaServer();
    await media.start();
  });
  afterAll(async () => {
    await media.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Records until it is killed; the counters that the child told of while it recorded. */
  async function recordAndKill({ number, afterPictures, delayMs, ending }: Kill, files: string[]): Promise<number[]> {
    const stream = `kill${number}`;
    const args = [scenario, pushUrl(media, stream), playUrl(media, stream), ...files];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined); // killed meanwhile
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const closed = once(child, 'close');
    const deadline = setTimeout(() => child.kill('SIGKILL'), patient(40_000));
    // What comes until then is told as well.
    const killSoon = () => void wait(delayMs).then(() => child.kill('SIGKILL'));
    const told: number[] = [];
    let ended = false;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'ending') {
        ended = true;
        killSoon();
      }
      if (ended) continue;
      told.push(Number(line));
      if (told.length !== afterPictures) continue;
      if (ending) child.stdin.write('\n');
      else killSoon();
    }
    clearTimeout(deadline);
    const [code, signal] = await closed;
    expect(told.length, stderr).toBeGreaterThanOrEqual(afterPictures);
    expect({ code, signal, stderr }).toEqual({ code: null, signal: 'SIGKILL', stderr: '' });
    return told;
  }

  /** The counters of all pictures of each file. What a player does: the torn end of a file is no error to it. */
  async function countersOf(files: string[]): Promise<number[][]> {
    const inputs = files.flatMap((file) => ['-i', file]);
    const gray = ['-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo'];
    const outputs = files.flatMap((file, index) => ['-map', `${index}:v`, ...gray, `${file}.raw`]);
    const { code, stderr } = await runTool('ffmpeg', ['-v', 'fatal', ...inputs, ...outputs]);
    expect(code, stderr).toBe(0);
    return Promise.all(
      files.map(async (file) => {
        const data = await readFile(`${file}.raw`);
        await rm(`${file}.raw`);
        const size = width * height;
        return Array.from({ length: data.length / size }, (_, index) => {
          const luma = data.subarray(index * size, (index + 1) * size);
          return readClock({ width, height, data: luma })?.counter ?? Number.NaN;
        });
      }),
    );
  }

  async function killAndRepair(kill: Kill): Promise<Outcome> {
    const folder = await mkdtemp(join(directory, `${kill.number}-`));
    const files = ['push.mp4', 'play.mp4'].map((name) => join(folder, name));
    const told = await recordAndKill(kill, files);
    let lost = 0;
    let repaired = 0;
    const countersOfFiles = await countersOf(files);
    for (const [index, file] of files.entries()) {
      const counters = countersOfFiles[index] as number[];
      expect(counters.length, file).toBeGreaterThan(0);
      for (let i = 1; i < counters.length; i++) expect(counters[i], file).toBeGreaterThan(counters[i - 1] as number);
      lost = Math.max(lost, (told.at(-1) as number) - (counters.at(-1) as number));

      const result = await repairRecording(file);
      if (result.repaired) repaired++;
      const { streams, format } = await probe(file);
      const video = streams.find(({ codec_type }) => codec_type === 'video');
      expect(Number((video as { nb_frames?: string }).nb_frames), file).toBeGreaterThanOrEqual(counters.length);
      expect(Math.abs(Number(format.duration) * 1000 - result.durationMs), file).toBeLessThan(100);
      expect(await repairRecording(file)).toMatchObject({ repaired: false, lostBytes: 0 });
    }
    // Nothing that was being written stays.
    expect((await readdir(folder)).filter((name) => !name.endsWith('.mp4'))).toEqual([]);
    await rm(folder, { recursive: true });
    return { lost, repaired };
  }

  it(
    'are playable, lack less than a second of what was received, and are repaired',
    async () => {
      const waiting = planKills(testSeed('kills'));
      const outcomes: Outcome[] = [];
      const failures: unknown[] = [];
      const lane = async () => {
        for (let kill = waiting.shift(); kill; kill = waiting.shift()) {
          try {
            outcomes.push(await killAndRepair(kill));
          } catch (error) {
            failures.push(error);
          }
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      const lostSeconds = Math.max(...outcomes.map(({ lost }) => lost)) / framesPerSecond;
      const repaired = outcomes.reduce((sum, outcome) => sum + outcome.repaired, 0);
      const told = `at most ${lostSeconds} s lost, ${repaired} files repaired`;
      process.stdout.write(`${outcomes.length} of ${kills} kills as they must be, ${told}\n`);
      if (process.env.RTCROOM_KEEP_RESULTS) {
        const row = { what, way: 'ours', kills, bad: failures.length, lostSeconds, repaired };
        writeResult('kills', { options: { lanes }, rows: [row] });
      }
      if (failures.length > 0) throw failures[0];
      expect(lostSeconds).toBeLessThanOrEqual(1);
      expect(repaired).toBeGreaterThan(kills);
    },
    patient(600_000),
  );
});
