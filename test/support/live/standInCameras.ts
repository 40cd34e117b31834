import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../window/screen.js';

/** That of the build under a sanitizer where one is at work. */
const library =
  process.env.RTCROOM_CAMERA_STAND_IN ??
  fileURLToPath(new URL('../../../build/addon/libv4l2_stand_in.so', import.meta.url));

export interface StandInCameras extends AsyncDisposable {
  /** /dev/video<number> is there from now on, with its name. */
  plug(number: number, name: string): Promise<void>;
  unplug(number: number): Promise<void>;
  /** Its driver does not answer who opens it, until it is plugged in again. */
  hang(number: number): Promise<void>;
  /** Waits until somebody opens it who hangs. */
  hung(number: number): Promise<void>;
}

/**
 * Cameras of V4L2 for the children that are started later (an engine in a child process is one), until it is disposed of:
 * native/test/v4l2-stand-in, below libavdevice. Each shows the clock.
 */
export async function startStandInCameras(): Promise<StandInCameras> {
  if (!existsSync(library)) throw new Error(`${library} is not built: node scripts/buildNative.mjs --tests`);
  const folder = await mkdtemp(join(tmpdir(), 'rtcroom-cameras-'));
  const before = process.env.LD_PRELOAD;
  // A sanitizer must come first.
  process.env.LD_PRELOAD = before ? `${before}:${library}` : library;
  process.env.RTCROOM_STAND_IN_CAMERAS = folder;
  return {
    plug: async (number, name) => {
      await rm(join(folder, `hanging${number}`), { force: true });
      await rm(join(folder, `hanging${number}.entered`), { force: true });
      await writeFile(join(folder, `video${number}`), `${name}\n`);
    },
    unplug: (number) => rm(join(folder, `video${number}`)),
    hang: async (number) => {
      await rm(join(folder, `hanging${number}.entered`), { force: true });
      await writeFile(join(folder, `hanging${number}`), '');
    },
    hung: async (number) => {
      await eventually(() => existsSync(join(folder, `hanging${number}.entered`)) || undefined);
    },
    [Symbol.asyncDispose]: async () => {
      if (before === undefined) delete process.env.LD_PRELOAD;
      else process.env.LD_PRELOAD = before;
      delete process.env.RTCROOM_STAND_IN_CAMERAS;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
