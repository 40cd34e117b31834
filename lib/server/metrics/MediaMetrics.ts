import { Counter, Gauge, Registry } from 'prom-client';
import { packageVersion } from '../../packageVersion.js';
import type { MediaServer } from '../media/MediaServer.js';
import { processMetrics } from './processMetrics.js';

export interface MediaMetricsOptions {
  media: MediaServer;
  /** Streams with a publisher, now. */
  streams: () => number;
  /** Room services connected, now. */
  services: () => number;
  isReady: () => Promise<boolean>;
}

/** A media server's figures in Prometheus' format, by the names that a room service gives them. */
export class MediaMetrics {
  readonly #registry = new Registry();
  readonly #cuts: Counter;

  constructor({ media, streams, services, isReady }: MediaMetricsOptions) {
    const registers = [this.#registry];
    const build = { name: 'rtcroom_build_info', help: 'Always 1; the version is in the label', registers };
    new Gauge({ ...build, labelNames: ['version'] }).set({ version: packageVersion() }, 1);
    new Gauge({
      name: 'rtcroom_ready',
      help: '1 when the probe of that part succeeds, else 0',
      labelNames: ['part'],
      registers,
      async collect() {
        this.set({ part: 'media' }, Number(await isReady()));
      },
    });
    new Gauge({
      name: 'rtcroom_media_streams',
      help: 'Streams that have a publisher',
      registers,
      collect() {
        this.set(streams());
      },
    });
    new Gauge({
      name: 'rtcroom_media_services',
      help: 'Room services that are connected to the control API',
      registers,
      collect() {
        this.set(services());
      },
    });
    const restarts = new Counter({
      name: 'rtcroom_media_restarts_total',
      help: 'Times that the media server had died and came back',
      registers,
    });
    media.on('restart', () => restarts.inc());
    this.#cuts = new Counter({
      name: 'rtcroom_media_cuts_total',
      help: 'Streams that room services had cut',
      registers,
    });
  }

  cut(streams: number): void {
    this.#cuts.inc(streams);
  }

  text(): Promise<string> {
    return Registry.merge([this.#registry, processMetrics()]).metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
