// Forgets objects without closing them and prints how many threads are left. Needs --expose-gc.
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';

const threads = () => readdirSync('/proc/self/task').length;
await new TXLivePusher().close(); // The reaper's thread stays.
const before = threads();
for (let i = 0; i < 20; i++) {
  const pusher = new TXLivePusher();
  pusher.on('event', () => pusher.setMute(true)); // A cycle through the listener.
  new TXLivePlayer();
}
const during = threads();
const end = performance.now() + 4000;
while (threads() > before && performance.now() < end) {
  globalThis.gc();
  await wait(10);
}
process.stdout.write('ready\n');
process.stdout.write(`${JSON.stringify({ before, during, after: threads() })}\n`);
