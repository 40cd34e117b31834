// Pushes from a child process, prints the child's pid and 'ready', and waits to be killed. Arguments: url, 'live' or
// 'stuck' (with badAddon.cjs): the child's thread then is in a call that does not return.
import { EngineHost } from '#lib/live/process/EngineHost';
import { TXLivePusher } from '#lib/live/TXLivePusher';

const [url, state] = process.argv.slice(2);
const pusher = new TXLivePusher({ engine: 'process' });
setInterval(() => {}, 60_000);
if (state === 'live') {
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startPush(url);
} else {
  const begun = new Promise((resolve) => pusher.once('event', resolve));
  pusher.startPush(url).catch(() => {});
  await begun;
}
process.stdout.write(`pid ${EngineHost.pids[0]}\n`);
globalThis.pusher = pusher;
process.stdout.write('ready\n');
