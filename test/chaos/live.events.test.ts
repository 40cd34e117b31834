import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAddon } from '#lib/live/addon';
import type { LiveEventName } from '#lib/live/events';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { embeddedNever } from '../../scripts/docs/engineTables.mjs';
import { cleanCall, encodedSource, type Place, Told, troubles } from '../support/live/eventScenarios.js';
import { type Screen, startScreen } from '../support/window/screen.js';

const scenarios = { cleanCall, encodedSource, ...troubles };
type ScenarioName = keyof typeof scenarios;

/** Parameters beyond EVT_MSG and EVT_TIME, which every event has. */
type Params = Record<string, unknown>;
const number = expect.stringMatching(/^[1-9]\d*$/);
const fileOf = (name: string) => ({ EVT_PARAM1: '0', EVT_PARAM2: expect.stringMatching(name) });

type Row = [by: ScenarioName, params?: Params] | { inCpp: string };

/** With cameras that are none. */
const cameras = { inCpp: 'native/test/embedded/Cameras.test.cpp' };

/** With a sound system of its own. */
const microphones = { inCpp: 'native/test/embedded/Microphone.test.cpp' };
const speakers = { inCpp: 'native/test/embedded/Speaker.test.cpp' };

/** How each event of the table comes to be with the embedded engine; embeddedNever has those that do not. */
const rows: Partial<Record<LiveEventName, Row>> = {
  PUSH_EVT_OPEN_CAMERA_SUCC: cameras,
  PUSH_EVT_CAMERA_REMOVED: cameras,
  PUSH_EVT_CAMERA_AVAILABLE: cameras,
  PUSH_EVT_CAMERA_CLOSED: cameras,
  PUSH_ERR_OPEN_CAMERA_FAIL: cameras,
  PUSH_ERR_CAMERA_OCCUPY: cameras,
  PUSH_EVT_MICROPHONE_AVAILABLE: microphones,
  PUSH_WARNING_MICROPHONE_LOST: microphones,
  PUSH_ERR_OPEN_MIC_FAIL: microphones,
  PUSH_ERR_MICROPHONE_OCCUPY: microphones,
  PLAY_EVT_SPEAKER_AVAILABLE: speakers,
  PLAY_WARNING_SPEAKER_LOST: speakers,
  PUSH_ERR_SCREEN_CAPTURE_START_FAIL: cameras,
  PUSH_ERR_SCREEN_CAPTURE_UNSUPPORTED: cameras,
  PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED: cameras,
  PUSH_EVT_CONNECT_SUCC: ['cleanCall'],
  PUSH_EVT_PUSH_BEGIN: ['cleanCall'],
  PUSH_EVT_CHANGE_RESOLUTION: ['cleanCall', { EVT_PARAM1: '480', EVT_PARAM2: '272' }],
  PUSH_EVT_CHANGE_BITRATE: ['hangingServer', { EVT_PARAM1: number }],
  PUSH_EVT_FIRST_FRAME_AVAILABLE: ['cleanCall'],
  PUSH_EVT_START_VIDEO_ENCODER: ['cleanCall', { EVT_PARAM1: '320', EVT_PARAM2: '180', EVT_DESCRIPTION: /264/ }],
  PUSH_EVT_KEY_FRAME_WANTED: ['encodedSource'],
  PUSH_EVT_SNAPSHOT_RESULT: ['cleanCall', fileOf('pushed.png')],
  PUSH_EVT_LOCAL_RECORD_RESULT: ['cleanCall', fileOf('pushed.mp4')],
  PUSH_EVT_LOCAL_RECORD_PROGRESS: ['cleanCall', { EVT_PARAM1: '1000', EVT_PARAM2: /pushed.mp4/ }],
  PUSH_WARNING_NET_BUSY: ['hangingServer'],
  PUSH_WARNING_RECONNECT: ['cutConnection'],
  // Of a machine without a graphics card.
  PUSH_WARNING_HW_ACCELERATION_FAIL: ['noHardware', { EVT_MSG: /on hardware/ }],
  PUSH_WARNING_WINDOW_LOST: ['closedWindow'],
  PUSH_ERR_VIDEO_ENCODE_FAIL: ['unusableFiles'],
  PUSH_ERR_AUDIO_ENCODE_FAIL: ['unusableFiles'],
  PUSH_ERR_NET_DISCONNECT: ['deadPort'],
  PUSH_ERR_SERVER_REFUSED: ['wrongSignature'],
  PUSH_WARNING_DNS_FAIL: ['unknownName'],
  PUSH_WARNING_SEVER_CONN_FAIL: ['deadPort'],
  PUSH_WARNING_SHAKE_FAIL: ['silentServer'],
  PUSH_WARNING_SERVER_DISCONNECT: ['cutConnection'],
  PUSH_WARNING_SERVER_NO_DATA: ['hangingServer'],
  PLAY_WARNING_DNS_FAIL: ['unknownName'],
  PLAY_WARNING_SEVER_CONN_FAIL: ['deadPort'],
  PLAY_WARNING_SHAKE_FAIL: ['silentServer'],
  PLAY_WARNING_SERVER_DISCONNECT: ['cutConnection'],
  PLAY_EVT_CONNECT_SUCC: ['cleanCall'],
  PLAY_EVT_RTMP_STREAM_BEGIN: ['cleanCall'],
  PLAY_EVT_RCV_FIRST_I_FRAME: ['cleanCall'],
  PLAY_EVT_PLAY_BEGIN: ['cleanCall'],
  PLAY_EVT_PLAY_LOADING: ['stalledNetwork'],
  PLAY_EVT_START_VIDEO_DECODER: ['cleanCall', { EVT_DESCRIPTION: /264/ }],
  PLAY_EVT_CHANGE_RESOLUTION: ['cleanCall', { EVT_PARAM1: '320', EVT_PARAM2: '180' }],
  PLAY_EVT_SNAPSHOT_RESULT: ['cleanCall', fileOf('snapshot.png')],
  EVT_PLAY_GET_MESSAGE: ['cleanCall', { EVT_GET_MSG: 'hello', EVT_GET_MSG_LENGTH: '5' }],
  PLAY_EVT_RCV_FIRST_AUDIO_FRAME: ['cleanCall'],
  PLAY_EVT_LOCAL_RECORD_RESULT: ['cleanCall', fileOf('played.mp4')],
  PLAY_EVT_LOCAL_RECORD_PROGRESS: ['cleanCall', { EVT_PARAM1: '1000', EVT_PARAM2: /played.mp4/ }],
  PLAY_WARNING_VIDEO_DECODE_FAIL: ['damagedStream'],
  PLAY_WARNING_AUDIO_DECODE_FAIL: ['damagedStream'],
  PLAY_WARNING_RECONNECT: ['cutConnection'],
  PLAY_WARNING_RECV_DATA_LAG: ['stalledNetwork', { EVT_PARAM1: number }],
  PLAY_WARNING_VIDEO_PLAY_LAG: ['stalledNetwork', { EVT_PARAM1: number }],
  PLAY_WARNING_VIDEO_DISCONTINUITY: ['damagedStream'],
  PLAY_WARNING_WINDOW_LOST: ['closedWindow'],
  PLAY_ERR_NET_DISCONNECT: ['deadPort'],
  // FFmpeg has the decoder here; that test takes it away.
  PLAY_ERR_HEVC_DECODE_FAIL: { inCpp: 'native/test/embedded/MissingDecoder.test.cpp' },
  PLAY_ERR_STREAM_REFUSED: ['wrongSignature'],
};

/** What the embedded engine is made of: texts by their files. */
async function embeddedSources(): Promise<[file: string, text: string][]> {
  const sources: [string, string][] = [];
  for (const name of ['embedded', 'window']) {
    const folder = fileURLToPath(new URL(`../../native/${name}`, import.meta.url));
    for (const file of await readdir(folder, { recursive: true }))
      if (/\.(cpp|h)$/.test(file)) sources.push([file, await readFile(join(folder, file), 'utf8')]);
  }
  return sources;
}

describe('the events of the embedded engine', () => {
  const media = new EmbeddedMediaServer();
  const begun = Date.now();
  const told = new Map<ScenarioName, Promise<Told>>();
  let screen: Screen | undefined;
  let place: Place;
  let sources: [file: string, text: string][] = [];

  /** Runs each scenario once. */
  function tellingOf(name: ScenarioName): Promise<Told> {
    const before = told.get(name);
    if (before) return before;
    const run = async () => {
      const events = new Told();
      await scenarios[name].run(events, place);
      return events;
    };
    const telling = run();
    telling.catch(() => {}); // whoever awaits it sees it
    told.set(name, telling);
    return telling;
  }

  beforeAll(async () => {
    screen = await startScreen();
    await media.start();
    place = { media, directory: await mkdtemp(join(tmpdir(), 'rtcroom-events-')) };
    sources = await embeddedSources();
    // Alone, as nothing else may trouble it; what goes wrong on purpose does so at the same time.
    await tellingOf('cleanCall').catch(() => {});
    for (const name of Object.keys(troubles) as ScenarioName[]) void tellingOf(name);
  });
  afterAll(async () => {
    await Promise.allSettled(told.values());
    await media.close();
    await screen?.close();
    if (place) await rm(place.directory, { recursive: true, force: true });
  });

  it.each(Object.keys(scenarios) as ScenarioName[])('warn of nothing but what is true: %s', async (name) => {
    expect((await tellingOf(name)).troubles).toEqual([...scenarios[name].troubles].sort());
  });

  it('are these in a call without trouble, and no others', async () => {
    const { common } = await tellingOf('cleanCall');
    const names = Object.entries(rows).flatMap(([name, row]) =>
      Array.isArray(row) && row[0] === 'cleanCall' ? name : [],
    );
    expect(new Set(common.map(({ name }) => name))).toEqual(new Set(names));
  });

  it.each(loadAddon().eventTable())('$name', async ({ name, code, severity }) => {
    const row = rows[name as LiveEventName];
    const never = embeddedNever[name as LiveEventName];
    expect(row !== undefined, 'either it comes to be, or embeddedNever says why not').toBe(never === undefined);
    if (!row) {
      const naming = sources.filter(([, text]) => new RegExp(`\\b${name}\\b`).test(text));
      expect(
        naming.map(([file]) => file),
        `it is named, so this may no longer be true: ${never}`,
      ).toEqual([]);
      expect(sources.length).toBeGreaterThan(100);
      return;
    }
    if ('inCpp' in row) {
      expect(await readFile(new URL(`../../${row.inCpp}`, import.meta.url), 'utf8')).toContain(`event::${name}`);
      return;
    }
    const [by, params = {}] = row;
    const { common, own } = await tellingOf(by);
    const events = own.filter((event) => event.name === name);
    expect(events).not.toHaveLength(0);
    expect(common.filter((event) => event.name === name)).toEqual(events);
    for (const event of events) {
      expect(event).toMatchObject({ code, nativeCode: code, severity, message: event.params.EVT_MSG });
      expect(event.message).toMatch(/\S/);
      expect(event.params.EVT_TIME).toBe(String(event.time));
      expect(event.time).toBeGreaterThanOrEqual(begun);
      expect(event.time).toBeLessThanOrEqual(Date.now());
    }
    for (const [key, value] of Object.entries(params)) {
      const expected = value instanceof RegExp ? expect.stringMatching(value) : value;
      expect(events[0]?.params[key]).toEqual(expected);
    }
  });
});
