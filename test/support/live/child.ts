import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A sanitizer slows everything down, and wine the start of a process; the deadline is what tells a hang. */
export const deadlineMs = process.env.RTCROOM_SANITIZE ? 60_000 : process.platform === 'win32' ? 20_000 : 5_000;

export interface ChildResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** From 'ready' to the end. */
  endedAfterMs: number;
  stdout: string;
  stderr: string;
}

export interface ChildOptions {
  args?: string[];
  nodeArgs?: string[];
  env?: Record<string, string>;
  /** Sent when the child says 'ready'. */
  signal?: NodeJS.Signals;
  /** Called with what the child has printed, before the signal is sent. */
  onReady?: (stdout: string) => void;
}

/** Runs a script of this folder that prints 'ready' when it is about to end, and kills it at the deadline. */
export async function runChild(script: string, options: ChildOptions = {}): Promise<ChildResult> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), file, ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let stdout = '';
  let stderr = '';
  let readyAt: number | undefined;
  let deadline = setTimeout(() => child.kill('SIGKILL'), 4 * deadlineMs);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (readyAt !== undefined || !stdout.includes('ready\n')) return;
    readyAt = performance.now();
    clearTimeout(deadline);
    deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    options.onReady?.(stdout);
    if (options.signal) child.kill(options.signal);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...result) => resolve(result));
  });
  clearTimeout(deadline);
  if (readyAt === undefined) throw new Error(`${script} never got ready (code ${code}, ${signal}): ${stderr}`);
  return { code, signal, endedAfterMs: performance.now() - readyAt, stdout, stderr };
}
