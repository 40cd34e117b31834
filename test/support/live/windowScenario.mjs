// A window with a preview in it, or none of a machine without a display, and one of the ways to end.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';

const [, , end, source = 'synthetic'] = process.argv;

async function show() {
  const window = await VideoWindow.open({ width: 320, height: 180 });
  const pusher = new TXLivePusher({ engine: 'embedded' });
  await pusher.startPreview({ source, windowHandle: window.handle });
  return { window, pusher };
}

async function codeOf(call) {
  try {
    await call();
    return 'none';
  } catch (error) {
    return error.code;
  }
}

async function withoutDisplay() {
  const player = new TXLivePlayer({ engine: 'embedded' });
  const pusher = new TXLivePusher({ engine: 'embedded' });
  const codes = [
    await codeOf(() => VideoWindow.open()),
    await codeOf(() => player.setRenderFrame(1n)),
    await codeOf(() => pusher.startPreview({ source: 'synthetic', windowHandle: 1n })),
    // Nothing else needs one.
    await codeOf(() => pusher.startPreview({ source: 'synthetic' })),
    await codeOf(() => player.setRotation(2)),
  ];
  process.stdout.write(`${codes.join(' ')}\nready\n`);
  await Promise.all([player.close(), pusher.close()]);
}

async function inWorker() {
  const worker = new Worker(new URL(import.meta.url), { argv: ['stay', source] });
  await once(worker, 'message');
  process.stdout.write('ready\n');
  await worker.terminate();
}

if (end === 'without a display') {
  await withoutDisplay();
} else if (end === 'worker.terminate') {
  await inWorker();
} else {
  const { window, pusher } = await show();
  globalThis.kept = [window, pusher];
  if (end === 'signal') process.once('SIGTERM', () => Promise.all([window.close(), pusher.close()]));
  if (isMainThread) process.stdout.write('ready\n');
  else parentPort.postMessage('ready');
  if (end === 'natural end') await Promise.all([window.close(), pusher.close()]);
  else if (end === 'process.exit') process.exit(7);
  else if (end === 'uncaught throw') throw new Error('thrown on purpose');
}
