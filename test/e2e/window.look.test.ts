import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { RenderMode, VideoQualityPreset, VideoRatio, VideoRotation } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow, type VideoWindowOptions } from '#lib/live/VideoWindow';
import { decodedQuarters } from '../support/window/decoded.js';
import { type Colour, colourAt, quadrants, quarters } from '../support/window/quadrants.js';
import { eventually, type Screenshot, screenshot } from '../support/window/screen.js';
import { useScreen } from '../support/window/screenTests.js';

const place = useScreen('look');
const { kept } = place;
const upright: Colour[] = ['red', 'green', 'blue', 'white'];
const mirrored: Colour[] = ['green', 'red', 'white', 'blue'];

async function openWindow(options: VideoWindowOptions = {}): Promise<VideoWindow> {
  return kept(await VideoWindow.open({ width: 640, height: 360, left: 0, top: 0, ...options }));
}

/** Four colours in a preview, again and again; and pushed where an address is given. */
async function fourColours(window: VideoWindow | undefined, options: { engine?: EngineChoice; url?: string } = {}) {
  const pusher = kept(new TXLivePusher({ engine: options.engine ?? 'embedded', statusIntervalMs: 200 }));
  pusher.setVideoQualityParamPreset(VideoQualityPreset.STANDARD, VideoRatio.RATIO_16_9);
  await pusher.startPreview({ source: 'user', ...(window ? { windowHandle: window.handle } : {}) });
  const picture = quadrants(640, 360);
  const sending = setInterval(() => pusher.sendCustomVideoData(picture), 40);
  kept({ [Symbol.asyncDispose]: async () => clearInterval(sending) });
  if (options.url) await pusher.startPush(options.url);
  return pusher;
}

/** A screenshot for which that holds. */
function shown(window: VideoWindow, holds: (picture: Screenshot) => boolean): Promise<Screenshot> {
  return eventually(async () => {
    const picture = await screenshot(window.handle);
    return picture && holds(picture) ? picture : undefined;
  });
}

const same = (seen: unknown, expected: unknown) => JSON.stringify(seen) === JSON.stringify(expected);

/** After a quarter turn clockwise. */
const turned = ([a, b, c, d]: Colour[]) => [c, a, d, b] as Colour[];

describe('the look of a preview', () => {
  const turns = [
    ['0°', VideoRotation.NONE],
    ['90°', VideoRotation.ROTATION_90],
    ['180°', VideoRotation.ROTATION_180],
    ['270°', VideoRotation.ROTATION_270],
  ] as const;
  const cases = turns.flatMap(([name, rotation], index) =>
    [false, true].map((mirror) => {
      let expected: Colour[] = mirror ? mirrored : upright;
      for (let turn = 0; turn < index; turn++) expected = turned(expected);
      return { name: `${name}${mirror ? ', mirrored' : ''}`, rotation, mirror, expected, upended: index % 2 === 1 };
    }),
  );

  it.each(cases)('at $name fills a window or lies between bars', async ({ rotation, mirror, expected, upended }) => {
    const window = await openWindow();
    const pusher = await fourColours(window);
    pusher.setRotation(rotation);
    pusher.setRenderYMirror(mirror);
    pusher.setRenderMode(RenderMode.FILLSCREEN);
    const full = await shown(window, (picture) => same(quarters(picture), expected));
    // To the very edge.
    expect([colourAt(full, 0.01, 0.25), colourAt(full, 0.99, 0.75)]).toEqual([expected[0], expected[3]]);
    pusher.setRenderMode(RenderMode.ADAPT);
    // 640 × 360 upended is 202 × 360 here.
    const half = upended ? 0.08 : 0.25;
    const inside = (picture: Screenshot) =>
      [0.25, 0.75].flatMap((down) => [0.5 - half, 0.5 + half].map((across) => colourAt(picture, across, down)));
    const bars = upended ? 'black' : expected[0];
    await shown(window, (picture) => same([...inside(picture), colourAt(picture, 0.2, 0.25)], [...expected, bars]));
  });

  it('is not that of what is pushed; the output has a mirror and a pause of its own', async () => {
    const window = await openWindow();
    const url = place.newUrl();
    const pusher = await fourColours(window, { url });
    const player = kept(new TXLivePlayer({ engine: 'embedded' }));
    await player.startPlay(url);
    expect(await decodedQuarters(player, upright)).toEqual(upright);
    pusher.setRenderMode(RenderMode.FILLSCREEN);
    pusher.setRotation(VideoRotation.ROTATION_180);
    pusher.setRenderYMirror(true);
    await shown(window, (picture) => same(quarters(picture), ['blue', 'white', 'red', 'green']));
    expect(await decodedQuarters(player, upright)).toEqual(upright);
    pusher.setOutputYMirror(true);
    expect(await decodedQuarters(player, mirrored)).toEqual(mirrored);
    // The user sees himself as before.
    await shown(window, (picture) => same(quarters(picture), ['blue', 'white', 'red', 'green']));
    const card: Colour[] = ['black', 'black', 'black', 'black'];
    pusher.setPauseVideo(true);
    expect(await decodedQuarters(player, card)).toEqual(card);
    pusher.setPauseVideo(false);
    expect(await decodedQuarters(player, mirrored)).toEqual(mirrored);
  });
});

describe.each([
  ['embedded', 'embedded'],
  ['process', { name: 'process', engine: 'embedded' }],
] as [string, EngineChoice][])('the debug view of the engine %s', (_name, engine) => {
  /** Part of the window's upper left that is white or black: the text and its ground. */
  function textWithin(picture: Screenshot, right: number, bottom: number): { white: number; black: number } {
    const count = { white: 0, black: 0 };
    for (let y = 0; y < bottom; y += 2)
      for (let x = 0; x < right; x++) {
        const colour = colourAt(picture, x / picture.width, y / picture.height);
        if (colour === 'white' || colour === 'black') count[colour]++;
      }
    return count;
  }
  const isText = (picture: Screenshot, right = 200, bottom = 60) => {
    const { white, black } = textWithin(picture, right, bottom);
    return white > 100 && black > 3 * white;
  };

  it('is shown in the window alone, over the picture, and taken away', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-look-'));
    kept({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
    const window = await openWindow();
    const url = place.newUrl();
    const pusher = await fourColours(window, { engine, url });
    const without = await shown(window, (picture) => same(quarters(picture), upright));
    expect(textWithin(without, 200, 60)).toEqual({ white: 0, black: 0 });
    pusher.showDebugView(1);
    const brief = await shown(window, (picture) => isText(picture));
    // Below it and beside it is the picture, as it was.
    expect(textWithin(brief, 640, 360).black).toBeLessThan(640 * 180 * 0.25);
    expect(quarters(brief).slice(1)).toEqual(upright.slice(1));
    pusher.showDebugView(2);
    await shown(window, (picture) => isText(picture, 150, 240));

    // What goes out has none of it.
    await pusher.captureVideoSnapShot(join(folder, 'shot.png'));
    const shot = kept(new TXLivePusher({ engine: 'embedded' }));
    const second = await openWindow({ top: 400 });
    await shot.startPreview({ source: 'image', path: join(folder, 'shot.png'), windowHandle: second.handle });
    const snapped = await shown(second, (picture) => same(quarters(picture), upright));
    expect(textWithin(snapped, 200, 60)).toEqual({ white: 0, black: 0 });
    const player = kept(new TXLivePlayer({ engine: 'embedded' }));
    await player.startPlay(url);
    expect(await decodedQuarters(player, upright)).toEqual(upright);
    for await (const frame of player.frames({ capacity: 1 })) {
      // No letter, no ground: red is all that is there.
      const luma = Array.from({ length: 60 * 200 }, (_, index) => {
        const [x, y] = [index % 200, Math.floor(index / 200)];
        return frame.data[y * frame.width + x] ?? 0;
      });
      frame.close();
      expect(Math.max(...luma)).toBeLessThan(120);
      expect(Math.min(...luma)).toBeGreaterThan(40);
      break;
    }

    pusher.showDebugView(0);
    await shown(window, (picture) => same(textWithin(picture, 200, 60), { white: 0, black: 0 }));
  });

  it('of a player follows it into another window and its size, and says when nothing plays', async () => {
    const [first, second] = await Promise.all([openWindow(), openWindow({ top: 400, width: 320, height: 180 })]);
    const url = place.newUrl();
    await fourColours(undefined, { url });
    const player = kept(new TXLivePlayer({ engine, statusIntervalMs: 200 }));
    player.showDebugView(2);
    player.setRenderFrame(first.handle);
    // "not playing"
    await shown(first, (picture) => textWithin(picture, 200, 30).white > 50);
    await player.startPlay(url);
    await shown(first, (picture) => isText(picture, 150, 240));
    player.updateRenderFrame(second.handle);
    await shown(second, (picture) => isText(picture, 120, 100));
    second.setSize(640, 360);
    await shown(second, (picture) => picture.width === 640 && isText(picture, 150, 240));
    await shown(first, (picture) => same(quarters(picture), ['black', 'black', 'black', 'black']));
    player.showDebugView(0);
    await shown(second, (picture) => same(quarters(picture), upright) && textWithin(picture, 200, 60).white === 0);
  });

  it('has three levels, and stays as it was for another', async () => {
    const window = await openWindow();
    const pusher = await fourColours(window, { engine });
    pusher.showDebugView(1);
    await shown(window, (picture) => textWithin(picture, 200, 30).white > 50);
    const player = kept(new TXLivePlayer({ engine }));
    for (const level of [-1, 3, 1.5, Number.NaN, '1', undefined]) {
      for (const object of [pusher, player])
        expect(() => object.showDebugView(level as never)).toThrow(
          expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
        );
    }
    await shown(window, (picture) => textWithin(picture, 200, 30).white > 50);
  });
});

describe('windows while playing', () => {
  it('are refused when they are gone, and the one before goes on', async () => {
    const [window, gone] = await Promise.all([openWindow(), openWindow({ top: 400 })]);
    const { handle } = gone;
    await gone.close();
    const url = place.newUrl();
    const pusher = await fourColours(window, { url });
    const refused = expect.objectContaining({ code: 'ERR_RTC_WINDOW_FAILED' });
    expect(() => pusher.updatePreview(handle)).toThrow(refused);
    await expect(pusher.startPreview({ source: 'synthetic', windowHandle: handle })).rejects.toThrow(refused);
    const player = kept(new TXLivePlayer({ engine: 'embedded' }));
    await player.startPlay(url);
    expect(() => player.setRenderFrame(handle)).toThrow(refused);
    expect(player.playing).toBe(true);
    await shown(window, (picture) => same(quarters(picture), upright));
  });

  it('are resized, minimised and closed, three at once, and each shows what it should', async () => {
    await place.screen.startWindowManager();
    const url = place.newUrl();
    const [preview, resized, closed] = await Promise.all([
      openWindow({ width: 400, height: 225 }),
      openWindow({ width: 400, height: 225, left: 450 }),
      openWindow({ width: 400, height: 225, top: 400 }),
    ]);
    const pusher = await fourColours(preview, { url });
    const players = [resized, closed].map((window) => {
      const player = kept(new TXLivePlayer({ engine: 'embedded' }));
      player.setRenderFrame(window.handle);
      return player;
    });
    await Promise.all(players.map((player) => player.startPlay(url)));
    const right = (picture: Screenshot) => same(quarters(picture), upright);
    await Promise.all([preview, resized, closed].map((window) => shown(window, right)));
    for (let round = 0; round < 3; round++) {
      preview.minimize();
      resized.setSize(500 - 40 * round, 281 - 22 * round);
      await eventually(async () => ((await screenshot(preview.handle)) ? undefined : true));
      const picture = await shown(resized, (each) => each.width === 500 - 40 * round && right(each));
      expect(picture.height).toBe(281 - 22 * round);
      preview.restore();
      await shown(preview, right);
    }
    const lost = new Promise((resolve) => players[1]?.once('PLAY_WARNING_WINDOW_LOST', resolve));
    preview.minimize();
    await Promise.all([closed.close(), lost]);
    pusher.setRenderYMirror(true);
    preview.restore();
    await Promise.all([shown(preview, (picture) => same(quarters(picture), mirrored)), shown(resized, right)]);
    expect(await decodedQuarters(players[1] as TXLivePlayer, upright)).toEqual(upright);
  });
});
