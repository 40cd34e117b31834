import { RtcError } from '../errors.js';

/** A part of leaving: what it is called in an error, and its work. */
export interface Job {
  name: string;
  done: Promise<unknown>;
}

/** Waits for all jobs, at most `timeoutMs`; gives their failures, and ERR_RTC_TIMEOUT for what is not done by then. */
export async function settleWithin(jobs: readonly Job[], timeoutMs: number): Promise<RtcError[]> {
  const failures: RtcError[] = [];
  const open = new Set(jobs);
  const work = jobs.map(async (job) => {
    try {
      await job.done;
    } catch (error) {
      failures.push(wrap(job.name, error));
    }
    open.delete(job);
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.all(work), timeout]);
  clearTimeout(timer);
  const late = [...open].map(
    (job) => new RtcError('ERR_RTC_TIMEOUT', `${job.name}: not done within ${timeoutMs} ms; left behind`),
  );
  return [...failures, ...late];
}

function wrap(name: string, error: unknown): RtcError {
  if (error instanceof RtcError) return error;
  return new RtcError('ERR_RTC_INTERNAL', `${name} failed; please report this`, { cause: error });
}
