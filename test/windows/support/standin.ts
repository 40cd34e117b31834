import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiteavEngineOptions } from '#lib/live/engine';

/** One call of the stand-in's log, or one of its callbacks. */
export interface LogLine {
  t: number;
  thread: number;
  object: number;
  class: string;
  method?: string;
  callback?: string;
  args?: unknown[];
  result?: unknown;
  /** A rule of the SDK's description that the call broke. */
  fault?: string;
}

/** Folder of a stand-in's liteav.dll; native/test/liteav-standin/README.md lists them. */
export function standinFolder(name: string): string {
  const folder = process.env.RTCROOM_STANDINS;
  if (!folder) throw new Error('RTCROOM_STANDINS is not set: npm run test:windows sets it');
  return join(folder, name);
}

export function standin(name: string, more: Partial<LiteavEngineOptions> = {}): LiteavEngineOptions {
  return { name: 'liteav', sdkPath: standinFolder(name), ...more };
}

/** The calls that the stand-in saw, from the making of this log on. One at a time: the SDK has one file. */
export class StandinLog {
  readonly path = join(mkdtempSync(join(tmpdir(), 'rtcroom-standin-')), 'calls.jsonl');

  constructor() {
    process.env.LITEAV_STANDIN_LOG = this.path;
  }

  lines(): LogLine[] {
    if (!existsSync(this.path)) return [];
    const text = readFileSync(this.path, 'utf8');
    // The last line may be half written.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => (line ? [JSON.parse(line) as LogLine] : []));
  }

  calls(method: string): LogLine[] {
    return this.lines().filter((line) => line.method === method);
  }

  faults(): LogLine[] {
    return this.lines().filter((line) => line.fault !== undefined);
  }

  /** Waits for a call of a method after the log's first `from` lines; gives the last. */
  async call(method: string, from = 0, deadlineMs = 10_000): Promise<LogLine> {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const lines = this.lines().slice(from);
      const found = lines.findLast((line) => line.method === method);
      if (found) return found;
      if (performance.now() > end) {
        const seen = lines.flatMap((line) => line.method ?? []);
        throw new Error(`the SDK saw no ${method} within ${deadlineMs} ms, but: ${seen.join(', ') || 'nothing'}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
