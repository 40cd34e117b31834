import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Time that the threads of a process have run, ns: the scheduler's own count, where /proc/<pid>/stat has ticks of 10 ms. */
function runNanos(pid) {
  if (!existsSync(`/proc/${pid}`)) throw new Error('a process ended while it was measured');
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
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

/** Begins to measure processes; the result tells percents of a core since then, and MB. Linux only. */
export function startUsage(pids) {
  const nanos = () => pids.map(runNanos).reduce((sum, value) => sum + value, 0);
  const [before, started] = [nanos(), performance.now()];
  return () => ({
    cpuPercent: (nanos() - before) / 1e4 / (performance.now() - started),
    memoryMb: memoryMb(pids),
  });
}
