// Pushes the synthetic picture, plays it, records both, and prints the counter of each picture that it sees played, a line
// each: until it is killed. A line on its input makes it end both recordings. Arguments: address to push to, address to
// play, file of the pusher, file of the player.
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { readClock } from '#lib/measure/clock';

const [pushUrl, playUrl, pushFile, playFile] = process.argv.slice(2);
const pusher = new TXLivePusher({ engine: 'embedded', gopSeconds: 0.5 });
const player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420' });
pusher.setVideoResolution(101); // 320x180
pusher.setVideoFPS(15);
await pusher.startPreview({ source: 'synthetic' });
await pusher.startAudioCapture({ source: 'synthetic' });
await pusher.startPush(pushUrl);
await player.startPlay(playUrl);
await Promise.all([pusher.startLocalRecord(pushFile), player.startLocalRecord(playFile)]);
player.on('videoFrame', (frame) => {
  const counter = readClock(frame)?.counter;
  frame.close();
  if (counter !== undefined) process.stdout.write(`${counter}\n`);
});
process.stdin.once('data', async () => {
  process.stdout.write('ending\n');
  await Promise.all([pusher.stopLocalRecord(), player.stopLocalRecord()]);
});
