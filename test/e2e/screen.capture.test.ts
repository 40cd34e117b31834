import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { capabilities } from '#lib/live/engine';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';
import { beepTimes } from '#lib/measure/beeps';
import { type ClockReading, readClock } from '#lib/measure/clock';
import { codeOf } from '../support/client/expectCode.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';
import { eventually, type Screen, startScreen } from '../support/window/screen.js';

let screen: Screen;
let server: NginxRtmp;
const open: AsyncDisposable[] = [];
let streams = 0;

beforeAll(async () => {
  [screen, server] = await Promise.all([startScreen(), startNginxRtmp()]);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each[Symbol.asyncDispose]()));
});
afterAll(async () => {
  await server?.close();
  await screen?.close();
});
