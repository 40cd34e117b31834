// Child process of cpu.mjs: does one thing, then tells its CPU and memory. Arguments: idle|push|play, url, seconds.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineHost } from '#lib/live/process/EngineHost';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';

const [what, url, seconds] = process.argv.slice(2);
const engine = process.env.BENCH_ENGINE;

function ownMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** CPU (µs, in the kernel's ticks of 10 ms) and resident bytes of another process. */
function processUse(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { micros: (Number(fields[11]) + Number(fields[12])) * 10_000, rss: Number(fields[21]) * 4096 };
}

let used;
if (what === 'push') {
  used = new TXLivePusher({ engine });
  used.setVideoResolution(Number(process.env.BENCH_RESOLUTION));
  used.setVideoFPS(30);
  await used.startPreview({ source: 'synthetic' });
  await used.startAudioCapture({ source: 'synthetic' });
  await used.startPush(url);
} else if (what === 'play') {
  used = new TXLivePlayer({ engine, videoFormat: 'i420', audioOutput: true });
  used.on('videoFrame', (frame) => frame.close());
  used.on('audioFrame', (frame) => frame.close());
  await used.startPlay(url);
}
await delay(2000);
const children = () => EngineHost.pids.map(processUse);
const total = (pick) =>
  [pick({ micros: ownMicros(), rss: process.memoryUsage.rss() }), ...children().map(pick)].reduce((a, b) => a + b);
const before = total(({ micros }) => micros);
const started = performance.now();
await delay(Number(seconds) * 1000);
const cpuPercent = (total(({ micros }) => micros) - before) / 10 / (performance.now() - started);
process.stdout.write(JSON.stringify({ cpuPercent, rssMb: total(({ rss }) => rss) / 1048576 }));
await used?.close();
