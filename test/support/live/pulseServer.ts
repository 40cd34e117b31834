import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { patient } from '../patience.js';
import { eventually } from '../window/screen.js';

const run = promisify(execFile);

export interface PulseServer extends AsyncDisposable {
  /** pactl, on this server. */
  control(...args: string[]): Promise<void>;
  plugMicrophone(): Promise<void>;
  unplugMicrophone(): Promise<void>;
  plugSpeaker(name: string): Promise<void>;
  /** All of them. */
  unplugSpeakers(): Promise<void>;
  /** It hangs, until `resume`. */
  pause(): void;
  resume(): void;
}

/** Without rewinds it does not sleep for 2 s when nothing plays, which whoever begins to play would wait for. */
const nullSink = (name: string) => [
  'module-null-sink',
  `sink_name=${name}`,
  'norewinds=1',
  'rate=48000',
  `sink_properties=device.description=${name}`,
];
const microphone = ['module-remap-source', 'master=Mouth.monitor', 'source_name=Micro'];
const named = 'source_properties=device.description=Micro';

/**
 * A PulseAudio server without hardware: the loudspeakers One and Two, and the microphone Micro, which hears what is played
 * in the loudspeaker Mouth. SDL uses it, here and in children that are started later, until it is disposed of.
 */
export async function startPulseServer(): Promise<PulseServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rtcroom-pulse-'));
  const socket = join(folder, 'native');
  const own = { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder };
  const { LD_PRELOAD: _, ...env } = own as NodeJS.ProcessEnv;
  const modules = [
    ['module-native-protocol-unix', `socket=${socket}`, 'auth-anonymous=1'],
    ...['One', 'Two', 'Mouth'].map(nullSink),
    [...microphone, named],
    ['module-always-sink'],
  ];
  const server = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--realtime=no', '--high-priority=no'],
      '--log-target=null',
      ...modules.flatMap((module) => ['-L', module.join(' ')]),
    ],
    { env, stdio: 'ignore' },
  );
  const before = { PULSE_SERVER: process.env.PULSE_SERVER, SDL_AUDIODRIVER: process.env.SDL_AUDIODRIVER };
  const address = { PULSE_SERVER: `unix:${socket}`, SDL_AUDIODRIVER: 'pulseaudio' };
  Object.assign(process.env, address);
  const control = async (...args: string[]) => {
    await run('pactl', args, { env: { ...env, ...address } });
  };
  const end = async () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(
      () =>
        control('info').then(
          () => true,
          () => undefined,
        ),
      patient(10_000),
    );
    await control('set-default-sink', 'One');
    await control('set-default-source', 'Micro');
  } catch (error) {
    await end();
    throw new Error('PulseAudio does not start: apt-get install pulseaudio pulseaudio-utils', { cause: error });
  }
  return {
    control,
    plugMicrophone: async () => {
      await control('load-module', ...microphone, named);
      await control('set-default-source', 'Micro');
    },
    unplugMicrophone: () => control('unload-module', 'module-remap-source'),
    plugSpeaker: (name) => control('load-module', ...nullSink(name)),
    unplugSpeakers: () => control('unload-module', 'module-null-sink'),
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
    [Symbol.asyncDispose]: end,
  };
}
