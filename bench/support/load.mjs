// Child process of cpu.mjs: does one thing, then tells its CPU and memory. Arguments: idle|push|play, url, seconds.
import { setTimeout as delay } from 'node:timers/promises';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';

const [what, url, seconds] = process.argv.slice(2);
let used;
if (what === 'push') {
  used = new TXLivePusher();
  used.setVideoResolution(Number(process.env.BENCH_RESOLUTION));
  used.setVideoFPS(30);
  await used.startPreview({ source: 'synthetic' });
  await used.startAudioCapture({ source: 'synthetic' });
  await used.startPush(url);
} else if (what === 'play') {
  used = new TXLivePlayer({ videoFormat: 'i420', audioOutput: true });
  used.on('videoFrame', (frame) => frame.close());
  used.on('audioFrame', (frame) => frame.close());
  await used.startPlay(url);
}
await delay(2000);
const before = process.cpuUsage();
const started = performance.now();
await delay(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(before);
const cpuPercent = (user + system) / 10 / (performance.now() - started);
process.stdout.write(JSON.stringify({ cpuPercent, rssMb: process.memoryUsage.rss() / 1048576 }));
await used?.close();
