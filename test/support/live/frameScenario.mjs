// Plays a stream and prints as JSON what became of the frames. Arguments: what to do with them, url. Needs --expose-gc.
import { setImmediate as turn } from 'node:timers/promises';
import { loadAddon } from '#lib/live/addon';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';

const [treatment, url] = process.argv.slice(2);
const player = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
let seen = 0;
let sum = 0;
let kept = [];
const enough = new Promise((resolve) => {
  player.on('videoFrame', (frame) => {
    sum += frame.data[0] + frame.data.length;
    if (treatment !== 'forget') kept.push(frame);
    if (++seen === 10) resolve();
  });
  player.on('audioFrame', (frame) => {
    if (treatment !== 'forget') kept.push(frame);
  });
});
await player.startPlay(url);
await enough;
await player.close();
const held = loadAddon().outstandingFrames();
if (treatment === 'close') for (const frame of kept) frame.close();
if (treatment !== 'keep') kept = [];
let left = Number.POSITIVE_INFINITY;
for (let round = 0; round < 100 && left > 0; round++) {
  if (treatment === 'forget') globalThis.gc();
  await turn();
  left = loadAddon().outstandingFrames();
}
process.stdout.write('ready\n');
process.stdout.write(`${JSON.stringify({ seen, sum, held, left, kept: kept.length })}\n`);
