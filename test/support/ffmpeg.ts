import { type ChildProcess, spawn } from 'node:child_process';
import { patient } from './patience.js';

export interface ToolResult {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ToolRun {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when it ends; rejects when it missed its deadline (it is killed then) or could not be started. */
  readonly done: Promise<ToolResult>;
  /** Asks it to finish what it writes, as Ctrl-C does. */
  stop(): Promise<ToolResult>;
  kill(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a program with a deadline; none outlives the tests. */
export function startTool(command: string, args: string[], options: { deadlineMs?: number } = {}): ToolRun {
  const deadlineMs = patient(options.deadlineMs ?? 30_000);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const done = new Promise<ToolResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} was not done after ${deadlineMs} ms: ${stderr.slice(-1000)}`));
    }, deadlineMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      running.delete(child);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, stdout, stderr });
    });
  });
  done.catch(() => {}); // whoever awaits `done` sees it
  const kill = () => void child.kill('SIGKILL');
  return {
    pid: child.pid ?? -1,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    done,
    stop: () => {
      child.kill('SIGINT');
      return done;
    },
    kill,
    [Symbol.asyncDispose]: async () => {
      kill();
      await done.catch(() => {});
    },
  };
}

export function runTool(command: string, args: string[], options: { deadlineMs?: number } = {}): Promise<ToolResult> {
  return startTool(command, args, options).done;
}

export interface ClipOptions {
  seconds?: number;
  width?: number;
  height?: number;
  fps?: number;
  gopSeconds?: number;
  /** Further arguments of the encoders. */
  encoder?: string[];
}

/** A moving test picture and a tone of 440 Hz, as H.264 without B-frames and AAC of 44.1 kHz, stereo. */
function clipArgs(options: ClipOptions): string[] {
  const { seconds = 5, width = 320, height = 180, fps = 30, gopSeconds = 1, encoder = [] } = options;
  return [
    ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'],
    ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    ...['-pix_fmt', 'yuv420p', '-g', String(Math.round(fps * gopSeconds)), '-c:a', 'aac', '-ac', '2', '-b:a', '96k'],
    ...encoder,
  ];
}

/** Writes a clip; its container is that of the file's extension. */
export async function makeClip(path: string, options: ClipOptions = {}): Promise<void> {
  const result = await runTool('ffmpeg', ['-v', 'error', '-y', ...clipArgs(options), path], { deadlineMs: 60_000 });
  if (result.code !== 0) throw new Error(`ffmpeg could not make a clip: ${result.stderr}`);
}

/** Pushes a made-up clip in real time with ffmpeg. */
export function pushClip(url: string, options: ClipOptions & { deadlineMs?: number } = {}): ToolRun {
  // -re stands before each input
  const args = clipArgs(options).flatMap((arg) => (arg === '-i' ? ['-re', arg] : [arg]));
  const seconds = options.seconds ?? 5;
  return startTool('ffmpeg', ['-v', 'error', ...args, '-f', 'flv', url], {
    deadlineMs: options.deadlineMs ?? seconds * 1000 + 20_000,
  });
}

export interface ProbedStream {
  index: number;
  codec_type: 'video' | 'audio' | 'data';
  codec_name?: string;
  width?: number;
  height?: number;
  sample_rate?: string;
  channels?: number;
}

export interface ProbedPacket {
  codec_type: 'video' | 'audio' | 'data';
  stream_index: number;
  pts_time?: string;
  dts_time?: string;
  duration_time?: string;
  flags: string;
}

export interface Probed {
  streams: ProbedStream[];
  packets: ProbedPacket[];
  format: { duration?: string; start_time?: string };
}

/** What ffprobe reads of a file. */
export async function probe(path: string, options: { deadlineMs?: number } = {}): Promise<Probed> {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', '-show_packets', path];
  const result = await runTool('ffprobe', args, options);
  if (result.code !== 0) throw new Error(`ffprobe could not read it: ${result.stderr}`);
  return JSON.parse(result.stdout) as Probed;
}
