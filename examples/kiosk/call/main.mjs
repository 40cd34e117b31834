#!/usr/bin/env node
/** A call of two kiosks with a screenshot of each stage: `npm run kiosk:call -- --help` tells how, docs/kiosk.md shows it. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TXLivePusher, VideoResolution, VideoWindow } from 'liteav-rtcroom';
import { startTestService } from 'liteav-rtcroom/testing';
import { KioskProcess } from './KioskProcess.mjs';
import { adapted, faults, within } from './look.mjs';
import { readOptions, usage } from './options.mjs';
import { Screen, screenSize } from './Screen.mjs';

/** Stands between a kiosk and the C library, and is the driver of a camera that this machine lacks. */
const camera =
  process.env.RTCROOM_CAMERA_STAND_IN ??
  fileURLToPath(new URL('../../../build/addon/libv4l2_stand_in.so', import.meta.url));
// A sanitizer must come first.
const preloaded = process.env.LD_PRELOAD ? `${process.env.LD_PRELOAD}:${camera}` : camera;
const ratio = 16 / 9;

/** Places on the screen, px. The own picture of a kiosk is a quarter of its window, 24 px from its edges. */
const places = {
  counter: { left: 20, top: 20, width: 768, height: 432 },
  agent: { left: 812, top: 20, width: 768, height: 432 },
  program: { left: 480, top: 500, width: 640, height: 360 },
};
const ownPicture = ({ left, top, width, height }) => {
  const [w, h] = [Math.round(width / 4), Math.round(height / 4)];
  return { left: left + width - w - 24, top: top + height - h - 24, width: w, height: h };
};
/** Where the other one's window shows the screen. */
const shownScreen = adapted(places.agent, screenSize.width / screenSize.height);

const own = {
  "the counter's own picture": adapted(ownPicture(places.counter), ratio),
  "the agent's own picture": adapted(ownPicture(places.agent), ratio),
};
const program = { 'the moving program': places.program };
const stages = {
  call: {
    ...program,
    ...own,
    'the agent at the counter': adapted(places.counter, ratio),
    'the counter at the agent': adapted(places.agent, ratio),
  },
  sharing: {
    ...program,
    "the agent's own picture": own["the agent's own picture"],
    'the agent at the counter': adapted(places.counter, ratio),
    'the program on the screen that the agent sees': within(shownScreen, places.program, screenSize),
  },
};

class Call {
  #options;
  #closing = [];

  constructor(options) {
    this.#options = options;
  }

  async run() {
    try {
      await mkdir(this.#options.out, { recursive: true });
      await this.#hold();
    } finally {
      // One that fails does not keep the rest from being closed.
      for (const close of this.#closing) {
        await close().catch((error) => {
          process.stderr.write(`${error.message}\n`);
          process.exitCode = 1;
        });
      }
    }
  }

  #later(close) {
    this.#closing.unshift(close);
  }

  async #hold() {
    const { patienceMs } = this.#options;
    const screen = await Screen.open();
    this.#later(() => screen.close());
    process.env.DISPLAY = screen.display;
    const service = await startTestService();
    this.#later(() => service.close());
    await this.#showProgram();
    const address = service.service.address.url;
    const counter = await this.#kiosk('counter', 0, address);
    await counter.says('In the room.', patienceMs);
    const agent = await this.#kiosk('agent', 1, address);
    await agent.says('In the room.', patienceMs);
    await this.#look(screen, '1-call', stages.call);
    counter.tell('screen');
    await counter.says('You show your screen.', patienceMs);
    await this.#look(screen, '2-sharing', stages.sharing);
    counter.tell('camera');
    await counter.says('You are seen again.', patienceMs);
    await this.#look(screen, '3-camera-again', stages.call);
    await agent.end();
    await counter.says('has left', patienceMs);
    await counter.end();
  }

  /** What is to be seen on the screen: a window in which a clock goes and a pattern moves. */
  async #showProgram() {
    const window = await VideoWindow.open({ title: 'A moving program', ...places.program });
    this.#later(() => window.close());
    const pusher = new TXLivePusher({ engine: 'embedded' });
    this.#later(() => pusher.close());
    pusher.setVideoResolution(VideoResolution.RESOLUTION_640x360);
    pusher.setVideoFPS(20);
    await pusher.startPreview({ source: 'synthetic', windowHandle: window.handle });
  }

  async #kiosk(name, number, service) {
    const { left, top, width, height } = places[name];
    const hasCamera = existsSync(camera);
    const cameras = await mkdtemp(join(tmpdir(), 'rtcroom-cameras-'));
    this.#later(() => rm(cameras, { recursive: true, force: true }));
    await writeFile(join(cameras, `video${number}`), `Camera stand-in of the ${name}\n`);
    if (!hasCamera)
      console.log(`${name}: no camera stand-in (${camera} is not built); a synthetic picture takes its place`);
    const kiosk = new KioskProcess({
      name,
      args: [
        ...['--service', service, '--user', name, '--room', 'call', '--engine', 'embedded'],
        ...['--place', `${width}x${height}+${left}+${top}`, '--own', 'bottom'],
        ...['--video', hasCamera ? 'camera' : 'synthetic', '--audio', 'synthetic'],
      ],
      env: {
        ...process.env,
        ...(hasCamera ? { LD_PRELOAD: preloaded, RTCROOM_STAND_IN_CAMERAS: cameras } : {}),
      },
    });
    this.#later(() => kiosk.kill());
    return kiosk;
  }

  /** Waits until the pictures are right, and leaves the screenshot that shows it. */
  async #look(screen, stage, clocks) {
    const file = join(this.#options.out, `${stage}.png`);
    const deadline = Date.now() + this.#options.patienceMs;
    for (;;) {
      const picture = await screen.shot(file);
      const wrong = faults(picture, clocks, Date.now());
      if (wrong.length === 0) break;
      if (Date.now() > deadline) throw new Error(`stage ${stage} (see ${file}): ${wrong.join('; ')}`);
      await sleep(100);
    }
    console.log(`${file}: ${Object.keys(clocks).join(', ')}: seen`);
  }
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  await new Call(options).run();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.code ? `${error.code}: ` : ''}${error.message}\n`);
  process.exitCode = 1;
}
