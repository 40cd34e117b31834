import { type Logger, withoutQueries } from '../logger.js';
import type { MediaServer } from '../media/MediaServer.js';
import type { RoomStore } from '../store/RoomStore.js';

export interface Probed {
  ok: boolean;
  /** How long the probe took. */
  ms: number;
  /** Why it failed. */
  cause?: string;
}

export interface ReadinessReport {
  /** 'draining' once the service ends, whatever the checks say. */
  status: 'ready' | 'unready' | 'draining';
  checks: { store: Probed; media: Probed };
}

export interface ReadinessOptions {
  store: RoomStore;
  media: MediaServer;
  logger: Logger;
}

/** A probe that has not answered by then has failed, ms. */
const probeTimeoutMs = 2000;
/** Answers are that old at most, ms: whoever asks often does not make the service probe often. */
const keptMs = 500;

/** Whether the service can do its work: looks at the store and the media server when it is asked. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #draining = false;
  #wasOk = true;
  #latest: { checks: Promise<ReadinessReport['checks']>; atMs: number } | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** From now on never ready. */
  drain(): void {
    this.#draining = true;
  }

  async check(): Promise<ReadinessReport> {
    const now = performance.now();
    if (!this.#latest || now - this.#latest.atMs > keptMs) this.#latest = { checks: this.#probe(), atMs: now };
    const checks = await this.#latest.checks;
    const ok = checks.store.ok && checks.media.ok;
    return { status: this.#draining ? 'draining' : ok ? 'ready' : 'unready', checks };
  }

  async #probe(): Promise<ReadinessReport['checks']> {
    const { store, media, logger } = this.#options;
    const [storeProbe, mediaProbe] = await Promise.all([
      timed(() => store.count()),
      timed((signal) => media.probe?.(signal)),
    ]);
    const checks = { store: storeProbe, media: mediaProbe };
    const ok = storeProbe.ok && mediaProbe.ok;
    if (ok !== this.#wasOk) {
      if (ok) logger.info({}, 'ready again');
      else logger.warn({ store: storeProbe.cause, media: mediaProbe.cause }, 'not ready');
    }
    this.#wasOk = ok;
    return checks;
  }
}

async function timed(probe: (signal: AbortSignal) => unknown): Promise<Probed> {
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
