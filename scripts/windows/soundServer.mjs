import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const startDeadlineMs = 20_000;

/** @param {string} name */
function loudspeaker(name) {
  return ['-L', `module-null-sink sink_name=${name} sink_properties=device.description=${name}`];
}

/**
 * A PulseAudio without hardware, which wine gives to Windows programs by WASAPI: the loudspeakers "One" and "Mouth", and the
 * microphone "Micro", which hears what is played in "Mouth". `address` is what PULSE_SERVER takes.
 * @returns {Promise<{ address: string, close(): Promise<void> }>}
 */
export async function startSoundServer() {
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-sound-'));
  const socket = join(folder, 'native');
  const child = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--realtime=no', '--high-priority=no'],
      '--log-target=null',
      ...['-L', `module-native-protocol-unix socket=${socket} auth-anonymous=1`],
      ...loudspeaker('One'),
      ...loudspeaker('Mouth'),
      '-L',
      'module-remap-source master=Mouth.monitor source_name=Micro source_properties=device.description=Micro',
    ],
    { stdio: 'ignore', env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder } },
  );
  /** @type {string | undefined} */
  let failure;
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      failure = error.message;
    });
    child.once('close', (code) => {
      failure ??= `PulseAudio ended with ${code}`;
      resolve(undefined);
    });
  });
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const address = `unix:${socket}`;
  const giveUp = Date.now() + startDeadlineMs;
  const ready = () =>
    existsSync(socket) && spawnSync('pactl', ['-s', address, 'info'], { stdio: 'ignore' }).status === 0;
  while (!ready()) {
    if (failure === undefined && Date.now() < giveUp) await delay(50);
    else {
      await close();
      throw new Error(`no sound for Windows: ${failure ?? 'PulseAudio did not start in time'}`);
    }
  }
  return { address, close };
}
