import { openFileLimit } from '#lib/server/http/limitConnections';

/** Fails, and says why, where the system does not let a process have as many open files. */
export function needOpenFiles(count: number): void {
  const limit = openFileLimit();
  if (limit === undefined || limit >= count) return;
  throw new Error(
    `this test opens ${count} files in each of two processes, and the system lets each have ${limit}: ` +
      'raise the hard limit (ulimit -Hn, LimitNOFILE, --ulimit nofile)',
  );
}
