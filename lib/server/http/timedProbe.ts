import { withoutQueries } from '../logger.js';

export interface Probed {
  ok: boolean;
  /** How long the probe took. */
  ms: number;
  /** Why it failed. */
  cause?: string;
}

/** A probe that has not answered by then has failed, ms. */
const probeTimeoutMs = 2000;
/** Answers are that old at most, ms. */
const keptMs = 500;

/** Never rejects; done after 2 s at most, and the signal aborts when it is done. */
export async function timed(probe: (signal: AbortSignal) => unknown): Promise<Probed> {
  const start = performance.now();
  const elapsed = () => Math.round((performance.now() - start) * 10) / 10;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${probeTimeoutMs} ms`)), probeTimeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(() => probe(stop.signal)), late]);
    return { ok: true, ms: elapsed() };
  } catch (error) {
    const cause = withoutQueries(error instanceof Error ? error.message : String(error)).slice(0, 300);
    return { ok: false, ms: elapsed(), cause };
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** The same probe, whose answer is kept for half a second: whoever asks often does not make a service probe often. */
export function kept<T>(probe: () => Promise<T>): () => Promise<T> {
  let latest: { answer: Promise<T>; atMs: number } | undefined;
  return () => {
    const atMs = performance.now();
    if (!latest || atMs - latest.atMs > keptMs) latest = { answer: probe(), atMs };
    return latest.answer;
  };
}
