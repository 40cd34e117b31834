// Windows with pictures in them whose X server is killed: while they play, or some microseconds after everything began
// to open or close. Arguments: playing, opening or closing; the server's pid; microseconds.
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';

const [, , moment, server, delayUs] = process.argv;

async function open() {
  const window = await VideoWindow.open({ width: 320, height: 180 });
  const pusher = new TXLivePusher({ engine: 'embedded' });
  pusher.showDebugView(1);
  await pusher.startPreview({ source: 'synthetic', windowHandle: window.handle });
  return { window, pusher };
}

function kill() {
  // Timers are too coarse; nothing of JavaScript is wanted meanwhile.
  const until = performance.now() + Number(delayUs) / 1000;
  while (performance.now() < until);
  process.kill(Number(server), 'SIGKILL');
}

// What is waited for below does not keep the process.
const staying = setInterval(() => {}, 1000);
const close = ({ window, pusher }) => Promise.all([pusher.close(), window.close()]);

if (moment === 'opening') {
  const opening = [open(), open()];
  kill();
  const sides = await Promise.allSettled(opening);
  for (const { value, reason } of sides) {
    if (value) await close(value);
    else if (reason.code !== 'ERR_RTC_WINDOW_FAILED') throw reason;
  }
} else {
  const sides = [await open(), await open(), await open()];
  if (moment === 'closing') {
    const closing = sides.map(close);
    kill();
    await Promise.all(closing);
  } else {
    const told = sides.map(({ window, pusher }) =>
      Promise.all([
        new Promise((resolve) => window.once('closed', resolve)),
        new Promise((resolve) => pusher.once('PUSH_WARNING_WINDOW_LOST', resolve)),
      ]),
    );
    kill();
    await Promise.all(told);
    // The rest goes on.
    const [{ pusher }] = sides;
    await pusher.stopPreview();
    await pusher.startPreview({ source: 'synthetic' });
    const code = await VideoWindow.open().catch((error) => error.code);
    if (code !== 'ERR_RTC_WINDOW_FAILED') throw new Error(`a window after the server's death: ${code}`);
    await Promise.all(sides.map(close));
  }
}
clearInterval(staying);
process.stdout.write('ready\n');
