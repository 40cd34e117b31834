import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { deadlineMs } from './child.js';

/** Processes whose environment has the mark. Reads /proc: Linux only. */
export function marked(mark: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false; // ended meanwhile
    }
  });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when `isDone` says so; rejects at the deadline. For what tells no event: other processes. */
export async function eventually(what: string, isDone: () => boolean, limitMs = deadlineMs): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isDone()) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await wait(10);
  }
}

export function noneLeft(mark: string): Promise<void> {
  return eventually('the end of every process that was begun', () => marked(mark).length === 0);
}
