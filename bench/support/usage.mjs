import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Of a process: their numbers. */
export const threadsOf = (pid) => readdirSync(`/proc/${pid}/task`);

/**
 * Time that the threads of a process have run, but for some of them, ns: the scheduler's own count, where /proc/<pid>/stat
 * has ticks of 10 ms.
 */
function runNanos(pid, without) {
  if (!existsSync(`/proc/${pid}`)) throw new Error('a process ended while it was measured');
  let sum = 0;
  for (const thread of threadsOf(pid)) {
    if (without.includes(thread)) continue;
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch (error) {
      // It ended between the two calls.
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
    }
  }
  return sum;
}

/** Proportional set size, MB: what several processes share is divided among them. */
export function memoryMb(pids) {
  const of = (pid) => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  return pids.map(of).reduce((sum, kb) => sum + kb / 1024, 0);
}

/** Begins to measure processes, but for some threads; the result tells percents of a core since then, and MB. Linux only. */
export function startUsage(pids, withoutThreads = []) {
  const nanos = () => pids.map((pid) => runNanos(pid, withoutThreads)).reduce((sum, value) => sum + value, 0);
  const [before, started] = [nanos(), performance.now()];
  return () => ({
    cpuPercent: (nanos() - before) / 1e4 / (performance.now() - started),
    memoryMb: memoryMb(pids),
  });
}
