// Pushes and plays with the SDK of LITEAV_SDK_DIR in its hostile mode, five times; prints how often it did, how much it
// heard, and how much of that came after a close had completed.
import { setImmediate as turn } from 'node:timers/promises';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';

const engine = 'liteav';
/** RTCROOM_TEST_FRAMES=none: it hands out no frames. */
const output = process.env.RTCROOM_TEST_FRAMES === 'none' ? {} : { videoFormat: 'i420', audioOutput: true };
const url = 'rtmp://127.0.0.1:1935/live/hostile';
/** Events to wait for before the end, so that the storm is well under way. */
const enough = 50;
let rounds = 0;
let total = 0;
let late = 0;

for (let round = 0; round < 5; round++) {
  let closed = false;
  let heard = 0;
  const hear = () => {
    heard++;
    if (closed) late++;
  };
  const pusher = new TXLivePusher({ engine });
  const player = new TXLivePlayer({ engine, ...output });
  for (const object of [pusher, player]) for (const name of ['event', 'status', 'error']) object.on(name, hear);
  for (const name of ['videoFrame', 'audioFrame']) {
    player.on(name, (frame) => {
      hear();
      frame.close();
    });
  }
  // What a hostile SDK makes of the starts is not the question: it may well end them.
  await pusher.startPreview({ source: 'camera' }).catch(() => {});
  const starts = [pusher.startPush(url), player.startPlay(url)].map((start) => start.catch(() => {}));
  while (heard < enough) await turn();
  await Promise.all([pusher.close(), player.close()]);
  closed = true;
  await Promise.all(starts);
  for (let index = 0; index < 100; index++) await turn();
  total += heard;
  rounds++;
}
process.stdout.write(`ready\n${JSON.stringify({ rounds, total, late })}\n`);
