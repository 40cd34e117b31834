import type { Logger } from '../logger.js';
import type { MediaServer } from '../media/MediaServer.js';
import type { RoomStore } from '../store/RoomStore.js';
import { kept, type Probed, timed } from './timedProbe.js';

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

/** Whether the service can do its work: looks at the store and the media server when it is asked. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #draining = false;
  #wasOk = true;
  readonly #checks = kept(() => this.#probe());

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** From now on never ready. */
  drain(): void {
    this.#draining = true;
  }

  async check(): Promise<ReadinessReport> {
    const checks = await this.#checks();
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
