import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { RtcError } from '../errors.js';
import { VideoResolution } from '../live/enums.js';
import type { JoinInfo } from './demo/keep.js';
import { Progress } from './demo/Progress.js';
import { exitCodes } from './exitCodes.js';

interface DemoOptions {
  seconds: number;
  input?: string;
  size?: string;
  fps?: number;
  out?: string;
  keep: boolean;
  json: boolean;
}

/** Below this there are too few beeps and pictures to judge by. */
const leastSeconds = 3;
const mostSeconds = 3600;

/** Fewer would pass for a gap. */
const leastFps = 5;
const mostFps = 60;

/** What the pusher can make, as `640x360`. */
const resolutions = new Map<string, VideoResolution>(
  Object.entries(VideoResolution).map(([name, value]) => [name.replace('RESOLUTION_', ''), value]),
);

function wholeNumber(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give ${what} from ${least} to ${most}.`);
  };
}

/** Adds `rtcroom demo`: a two-person call through a real room service and media server, measured. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('hold a two-person call on this machine and prove it from the decoded pictures and sound')
    .option('--seconds <number>', 'how long they talk', wholeNumber('whole seconds', leastSeconds, mostSeconds), 10)
    .option('--input <clip>', 'A pushes this media file, looped, instead of the synthetic picture')
    .addOption(
      new Option('--size <width>x<height>', 'the pictures that both push (default: 640x360)').choices([
        ...resolutions.keys(),
      ]),
    )
    .option(
      '--fps <number>',
      'pictures a second of both (default: 15)',
      wholeNumber('a whole number', leastFps, mostFps),
    )
    .option('--out <folder>', 'where the recordings go (default: ./rtcroom-demo/<time>)')
    .option('--keep', 'afterwards leave a room open until Ctrl-C, and print how to join it', false)
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 all criteria held, 1 one did not or a fault, 2 usage, 3 environment, 130 Ctrl-C',
    )
    .action(demo);
}

/** A first Ctrl-C ends cleanly, a second one at once. */
function interruption(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new RtcError('ERR_RTC_ABORTED', 'interrupted'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const dispose = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  return { signal: controller.signal, dispose };
}

async function demo(options: DemoOptions): Promise<void> {
  const progress = new Progress({ silent: options.json });
  const { signal, dispose } = interruption();
  try {
    process.exitCode = await run(options, progress, signal);
  } catch (error) {
    progress.end();
    process.exitCode = fail(options, error, signal.aborted);
  } finally {
    progress.end();
    dispose();
  }
}

function fail(options: DemoOptions, error: unknown, interrupted: boolean): number {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof RtcError ? error.code : 'ERR_RTC_INTERNAL';
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message } })}\n`);
  else if (interrupted) process.stderr.write('interrupted; everything is closed\n');
  else process.stderr.write(`rtcroom demo: ${message} (${code})\n`);
  if (interrupted) return exitCodes.interrupted;
  return environmentCodes.has(code) ? exitCodes.environment : exitCodes.failure;
}

const environmentCodes: ReadonlySet<string> = new Set([
  'ERR_RTC_ADDON_NOT_FOUND',
  'ERR_RTC_MEDIA_SERVER',
  'ERR_RTC_FILE_OPEN_FAILED',
]);

/** Readable for people, usable as a folder on every system: 2026-01-31T12-00-00. */
function timeName(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(':', '-');
}

async function needFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new RtcError('ERR_RTC_FILE_OPEN_FAILED', `--input ${path} cannot be opened: give a media file`, { cause });
  });
  if (!found.isFile())
    throw new RtcError('ERR_RTC_FILE_OPEN_FAILED', `--input ${path} is not a file: give a media file`);
}

async function run(options: DemoOptions, progress: Progress, signal: AbortSignal): Promise<number> {
  // Loaded here, so that `rtcroom --help` needs neither the addon nor the service.
  const [{ holdCall }, { keepRoom }, { needProbe }, { judge }, { present }, { startTestService }, engine] =
    await Promise.all([
      import('./demo/call.js'),
      import('./demo/keep.js'),
      import('./demo/probe.js'),
      import('./demo/result.js'),
      import('./demo/present.js'),
      import('../testing/startTestService.js'),
      import('../live/engine.js'),
    ]);
  const input = options.input === undefined ? undefined : resolve(options.input);
  if (input !== undefined) await needFile(input);
  await needProbe();
  const { name, version } = engine.engineInfo();
  progress.line(`engine ${name} (${version})`);
  const folder = resolve(options.out ?? join('rtcroom-demo', timeName()));
  signal.throwIfAborted();
  const service = await startTestService();
  try {
    signal.throwIfAborted();
    progress.line(`room service ${service.serverDomain()}   media server ${service.media.rtmpUrl}`);
    const result = await holdCall({
      service,
      seconds: options.seconds,
      input,
      resolution: resolutions.get(options.size ?? ''),
      fps: options.fps,
      folder,
      progress,
      signal,
    });
    const criteria = judge(result);
    const ok = criteria.every(({ held }) => held);
    progress.end();
    if (options.json) process.stdout.write(`${JSON.stringify({ ok, criteria, ...result })}\n`);
    else process.stdout.write(`\n${present(result, criteria)}`);
    if (options.keep) await keepRoom(service, signal, (info) => tell(options, info));
    return ok ? exitCodes.ok : exitCodes.failure;
  } finally {
    await service.close();
  }
}

function tell(options: DemoOptions, info: JoinInfo): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ join: info })}\n`);
    return;
  }
  const { serverDomain, roomID, login, playURL } = info;
  const code = `await room.login({ serverDomain: '${serverDomain}', sdkAppID: ${login.sdkAppID}, accountType: '0',
  userID: '${login.userID}', userSig: '${login.userSig}' });
await room.startLocalPreview({ video: { source: 'synthetic' }, audio: { source: 'synthetic' } });
await room.enterRoom({ roomID: '${roomID}' });`;
  process.stdout.write(
    `\nA is in room ${roomID} until Ctrl-C. Watch it:\n\n  ffplay -fflags nobuffer '${playURL}'\n\nor enter it:\n\n${code}\n`,
  );
}
