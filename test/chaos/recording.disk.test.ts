import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repairRecording } from '#lib/live/repairRecording';
import { readClock } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { runTool } from '../support/ffmpeg.js';
import { playUrl, pushUrl } from '../support/mediaServer.js';

const [width, height, framesPerSecond] = [320, 180, 15];
const scenario = fileURLToPath(new URL('../support/live/diskScenario.mjs', import.meta.url));
const sides = ['push', 'play'] as const;

interface Ended {
  result: number;
  path: string;
  message: string;
}

/** What diskScenario.mjs prints. */
interface Seen {
  /** Counter of the last picture that was shown before the disk refused. */
  lastBefore: number;
  failed: Record<(typeof sides)[number], Ended[]>;
  /** A second after both recordings had ended. */
  after: { pushing: boolean; counters: number[]; others: string[] };
}

/** A command in a mount namespace of its own, which takes root or user namespaces. */
const inNamespace = process.getuid?.() === 0 ? ['--mount'] : ['--map-root-user', '--mount'];

/** Why no file system can be mounted; none when it can. */
async function mountProblem(folder: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'no mount namespaces but on Linux';
  const mount = ['mount', '-t', 'tmpfs', 'tmpfs', folder];
  const { code, stderr } = await runTool('unshare', [...inNamespace, ...mount]).catch((error: Error) => ({
    code: 1,
    stderr: error.message,
  }));
  return code === 0 ? undefined : stderr.trim();
}

describe('a recording whose disk refuses', () => {
  let media: EmbeddedMediaServer;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtcroom-disk-'));
    media = new EmbeddedMediaServer();
    await media.start();
  });
  afterAll(async () => {
    await media.close();
    await rm(directory, { recursive: true, force: true });
  });

  const folderOf = (obstacle: string) => mkdtemp(join(directory, obstacle));

  async function run(obstacle: string, folder: string, wrapper: string[] = []): Promise<Seen> {
    const args = [scenario, obstacle, pushUrl(media, obstacle), playUrl(media, obstacle), folder];
    const [program, ...rest] = [...wrapper, process.execPath, ...args] as [string, ...string[]];
    const { code, stdout, stderr } = await runTool(program, rest);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Seen;
  }

  /** The counters of all pictures, every one of them and every sound whole. */
  async function countersOf(file: string): Promise<number[]> {
    const check = await runTool('ffprobe', ['-v', 'error', '-count_packets', '-show_streams', file]);
    expect(check, file).toMatchObject({ code: 0, stderr: '' });
    const raw = `${file}.raw`;
    const gray = ['-map', '0:v', '-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', raw];
    const sound = ['-map', '0:a', '-f', 'null', '-'];
    const decoded = await runTool('ffmpeg', ['-v', 'error', '-xerror', '-i', file, ...gray, ...sound]);
    expect(decoded, file).toMatchObject({ code: 0, stderr: '' });
    const data = await readFile(raw);
    await rm(raw);
    const size = width * height;
    return Array.from({ length: data.length / size }, (_, index) => {
      const luma = data.subarray(index * size, (index + 1) * size);
      return readClock({ width, height, data: luma })?.counter ?? Number.NaN;
    });
  }

  const each = (counters: number[]) => counters.map((_, index) => (counters[0] as number) + index);

  /** Neither push nor playback noticed. */
  function expectUndisturbed({ lastBefore, after }: Seen) {
    expect(after).toMatchObject({ pushing: true, others: [] });
    expect(after.counters.length).toBeGreaterThanOrEqual(framesPerSecond);
    for (let i = 1; i < after.counters.length; i++)
      expect(after.counters[i]).toBeGreaterThan(after.counters[i - 1] as number);
    expect(after.counters.at(-1)).toBeGreaterThan(lastBefore + framesPerSecond);
  }

  /** Every picture of the files, once and in order, up to `last` but for the second that a crash may cost. */
  async function expectWhole(files: string[], last: number) {
    const counters = (await Promise.all(files.map(countersOf))).flat();
    expect(counters).toEqual(each(counters));
    expect(counters.at(-1)).toBeGreaterThanOrEqual(last - framesPerSecond);
  }

  it.concurrent('because it is full ends with an error, keeps what was written and disturbs nothing', async ({
    skip,
  }) => {
    const folder = await folderOf('full');
    const problem = await mountProblem(folder);
    if (problem) {
      process.stderr.write(`no disk can be filled here, this is not tested: ${problem}\n`);
      skip(problem);
    }
    const seen = await run('full', folder, ['unshare', ...inNamespace]);
    for (const side of sides) {
      const [ended, ...others] = seen.failed[side];
      expect(others).toEqual([]);
      expect(ended).toMatchObject({ result: -1, path: join(folder, 'disk', `${side}.mp4`) });
      expect(ended?.message).toMatch(/No space left on device; free space/);
      const file = join(folder, 'away', `${side}.mp4`);
      await expectWhole([file], seen.lastBefore);
      // No part of a fragment that did not fit was left.
      expect(await repairRecording(file)).toMatchObject({ repaired: true, lostBytes: 0 });
      expect((await countersOf(join(folder, 'away', `${side}-again.mp4`))).length).toBeGreaterThan(framesPerSecond / 2);
    }
    expectUndisturbed(seen);
    const names = sides.flatMap((side) => [`${side}.mp4`, `${side}-again.mp4`]);
    expect((await readdir(join(folder, 'away'))).sort()).toEqual(names.sort());
  });

  it.concurrent.each([
    ['gone', /No such file or directory; create the directory/, 'away'],
    ['readOnly', /Permission denied; choose a directory/, 'disk'],
  ])(
    'for its next slice (%s) names that one, keeps those before it and disturbs nothing',
    async (name, message, where) => {
      const folder = await folderOf(name);
      const seen = await run(name, folder);
      for (const side of sides) {
        const files = seen.failed[side];
        const failed = files.pop();
        expect(failed).toMatchObject({ result: -1, path: join(folder, 'disk', `${side}-${files.length + 1}.mp4`) });
        expect(failed?.message).toMatch(message);
        expect(files.length).toBeGreaterThan(0);
        expect(files.filter(({ result }) => result !== 0)).toEqual([]);
        await expectWhole(
          files.map(({ path }) => join(folder, where, basename(path))),
          seen.lastBefore,
        );
        expect((await countersOf(join(folder, 'disk', `${side}-again.mp4`))).length).toBeGreaterThan(
          framesPerSecond / 2,
        );
      }
      expectUndisturbed(seen);
    },
  );
});
