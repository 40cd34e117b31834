import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Place } from './looks.js';

/** A window of another process, as an application would have one. */
export interface TestWindow extends AsyncDisposable {
  /** HWND. */
  readonly handle: number;
  close(): Promise<void>;
}

const startDeadlineMs = 30_000;

export async function openTestWindow({ left, top, width, height }: Place): Promise<TestWindow> {
  const program = process.env.RTCROOM_TEST_WINDOW;
  if (!program) throw new Error('RTCROOM_TEST_WINDOW is not set: npm run test:windows sets it');
  const child = spawn(program, [left, top, width, height].map(String), { stdio: ['pipe', 'pipe', 'pipe'] });
  // Not 'close': wine's desktop, which the first window starts, keeps the pipes open.
  const ended = once(child, 'exit');
  const close = async () => {
    child.stdin.end();
    await ended;
  };
  const handle = Number(await firstLine(child));
  return { handle, close, [Symbol.asyncDispose]: close };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error('the test window did not come in time'));
    }, startDeadlineMs);
    let text = '';
    let errors = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      resolve(text.slice(0, end).trim());
    });
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      errors += part;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`the test window ended with ${code}: ${errors}`));
    });
  });
}
