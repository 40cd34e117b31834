import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { packageVersion } from '../../packageVersion.js';
import type { App } from '../http/createApp.js';
import { onAnswered } from '../http/onAnswered.js';
import type { Readiness } from '../http/Readiness.js';
import type { TencentRoomGroupsOptions } from '../im/tencent/TencentRoomGroups.js';
import type { Logger } from '../logger.js';
import type { MediaServer } from '../media/MediaServer.js';
import type { Rooms } from '../rooms/Rooms.js';
import { type RoomStore, roomTypes } from '../store/RoomStore.js';
import { processMetrics } from './processMetrics.js';
import { type RequestLabels, RouteFigures } from './RouteFigures.js';

/** Of what a scrape asks. */
export interface MetricsSources {
  store: RoomStore;
  readiness: Readiness;
  logger: Logger;
}

/** From a call that only reads memory to one that waits for another machine, s. */
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
/** The aim for a notice is 5 ms. */
const imBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1];

/** Answers under way for hours are no figure of speed. */
const endlessRoute = '/weapp/im/events';

/**
 * The service's figures in Prometheus' format. Labels are types, routes and codes, never users or rooms, so that their
 * number is bounded whoever calls.
 */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #sources: MetricsSources;
  readonly #rooms: Gauge<'type'>;
  readonly #members: Gauge<'type'>;
  readonly #ready: Gauge<'part'>;
  readonly #streams = new Set<string>();
  /** Requests by route since the last scrape. prom-client takes twenty times as long to find a counter by its labels. */
  readonly #answered = new Map<string, RouteFigures>();
  #openStreams = 0;
  #requests: Counter<keyof RequestLabels> | undefined;
  #heartbeats: Counter<'type' | 'result'> | undefined;
  readonly #imEvents: Counter<'type'>;
  readonly #imSeconds: Histogram<'type'>;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    const registers = [this.#registry];
    new Gauge({
      name: 'rtcroom_build_info',
      help: 'Always 1; the version is in the label',
      labelNames: ['version'],
      registers,
    }).set({ version: packageVersion() }, 1);
    this.#rooms = new Gauge({
      name: 'rtcroom_rooms',
      help: 'Rooms, those too that nobody has entered yet',
      labelNames: ['type'],
      registers,
    });
    this.#members = new Gauge({ name: 'rtcroom_members', help: 'Members', labelNames: ['type'], registers });
    this.#ready = new Gauge({
      name: 'rtcroom_ready',
      help: '1 when the probe of that part succeeds, else 0',
      labelNames: ['part'],
      registers,
    });
    const openStreams = () => this.#openStreams;
    new Gauge({
      name: 'rtcroom_im_streams',
      help: 'Open event streams',
      registers,
      collect() {
        this.set(openStreams());
      },
    });
    const mediaStreams = () => this.#streams.size;
    new Gauge({
      name: 'rtcroom_media_streams',
      help: 'Streams that have a publisher',
      registers,
      collect() {
        this.set(mediaStreams());
      },
    });
    this.#imEvents = new Counter({
      name: 'rtcroom_im_events_total',
      help: 'Events accepted for the event streams: notices (system, groupClosed, kicked) and messages (group, c2c)',
      labelNames: ['type'],
      registers,
    });
    this.#imSeconds = new Histogram({
      name: 'rtcroom_im_delivery_seconds',
      help: 'From the acceptance of an event, by any process, to the last open stream of this one that it was written to',
      labelNames: ['type'],
      buckets: imBuckets,
      registers,
    });
  }

  /** Counts requests, heartbeats among them, and refused connections; call before routes are added. */
  watchApp(app: App): void {
    const registers = [this.#registry];
    const refused = new Counter({
      name: 'rtcroom_connections_refused_total',
      help: 'Connections refused because of maxConnections or the limit of open files',
      registers,
    });
    app.server.on('drop', () => refused.inc());
    this.#requests = new Counter({
      name: 'rtcroom_http_requests_total',
      help: "Requests; code is that of the answer's body (0 success), 0 too where there is none",
      labelNames: ['method', 'route', 'status', 'code'],
      registers,
    });
    const seconds = new Histogram({
      name: 'rtcroom_http_request_seconds',
      help: 'Time to the end of an answer, without event streams',
      labelNames: ['route'],
      buckets: requestBuckets,
      registers,
    });
    this.#heartbeats = new Counter({
      name: 'rtcroom_heartbeats_total',
      help: 'Heartbeats of members, and of those who were none (refused)',
      labelNames: ['type', 'result'],
      registers,
    });
    for (const type of roomTypes) for (const result of ['ok', 'refused']) this.#heartbeats.inc({ type, result }, 0);
    onAnswered(app, (request, reply, elapsedMs) => {
      // The routes' names, not what was asked for: strangers must not make series. Of methods Node.js knows a bounded list.
      const { route } = request;
      let figures = this.#answered.get(route);
      if (!figures) {
        figures = new RouteFigures(route, route === endlessRoute ? undefined : seconds.labels({ route }));
        this.#answered.set(route, figures);
      }
      figures.add(request.method, reply.statusCode, reply.serviceCode, elapsedMs / 1000);
    });
  }

  watchRooms(rooms: Rooms): void {
    const registers = [this.#registry];
    const joined = new Counter({
      name: 'rtcroom_members_joined_total',
      help: 'Seats taken',
      labelNames: ['type'],
      registers,
    });
    const left = new Counter({
      name: 'rtcroom_members_left_total',
      help: 'Seats given up, by reason; expired are those without a heartbeat in time',
      labelNames: ['type', 'reason'],
      registers,
    });
    const closed = new Counter({
      name: 'rtcroom_rooms_closed_total',
      help: 'Rooms that ended, by reason; expired are those that nobody entered, or whose last member expired',
      labelNames: ['type', 'reason'],
      registers,
    });
    for (const type of roomTypes) {
      joined.inc({ type }, 0);
      left.inc({ type, reason: 'expired' }, 0);
      closed.inc({ type, reason: 'expired' }, 0);
    }
    rooms.on('memberJoined', ({ type }) => joined.inc({ type }));
    rooms.on('memberLeft', ({ type, reason }) => left.inc({ type, reason }));
    rooms.on('roomClosed', ({ type, reason }) => closed.inc({ type, reason }));
  }

  watchMedia(media: MediaServer): void {
    const restarts = new Counter({
      name: 'rtcroom_media_restarts_total',
      help: 'Times that the media server had died and came back',
      registers: [this.#registry],
    });
    media.on('publish', (streamID) => this.#streams.add(streamID));
    media.on('unpublish', (streamID) => this.#streams.delete(streamID));
    media.on('restart', () => restarts.inc());
  }

  /** Of the groups at Tencent's IM; the result is for them to call. */
  watchTencentIm(queued: () => number): Pick<TencentRoomGroupsOptions, 'onCall' | 'onLeftOut'> {
    const registers = [this.#registry];
    new Gauge({
      name: 'rtcroom_tencent_im_queued',
      help: 'Calls of Tencent IM that wait or are under way',
      registers,
      collect() {
        this.set(queued());
      },
    });
    const calls = new Counter({
      name: 'rtcroom_tencent_im_calls_total',
      help: 'Calls of Tencent IM; ok and exists are successes',
      labelNames: ['call', 'result'],
      registers,
    });
    const seconds = new Histogram({
      name: 'rtcroom_tencent_im_call_seconds',
      help: 'Time to the answer of Tencent IM, or to its being given up',
      labelNames: ['call'],
      buckets: requestBuckets,
      registers,
    });
    const leftOut = new Counter({
      name: 'rtcroom_tencent_im_left_out_total',
      help: 'What was not told to Tencent IM; coalesced are notices that one which waited already stands for',
      labelNames: ['step', 'why'],
      registers,
    });
    return {
      onCall: (call, result, ms) => {
        calls.inc({ call, result });
        seconds.observe({ call }, ms / 1000);
      },
      onLeftOut: (step, why) => leftOut.inc({ step, why }),
    };
  }

  /** An event stream was opened; call the result when it has closed. */
  streamOpened(): () => void {
    this.#openStreams++;
    let open = true;
    return () => {
      if (open) this.#openStreams--;
      open = false;
    };
  }

  /** An event was accepted here. */
  readonly imAccepted = (type: string): void => {
    this.#imEvents.inc({ type });
  };

  /** An event was written to every stream of this process that it is for, `ms` after it was accepted. */
  readonly imDelivered = (type: string, ms: number): void => {
    this.#imSeconds.observe({ type }, ms / 1000);
  };

  /** Everything, as a scrape wants it: rooms are counted and parts probed now. */
  async text(): Promise<string> {
    const [{ checks }] = await Promise.all([this.#sources.readiness.check(), this.#countRooms()]);
    this.#countAnswered();
    this.#ready.set({ part: 'store' }, Number(checks.store.ok));
    this.#ready.set({ part: 'media' }, Number(checks.media.ok));
    return Registry.merge([this.#registry, processMetrics()]).metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #countAnswered(): void {
    for (const figures of this.#answered.values()) {
      for (const { labels, count } of figures.take()) {
        this.#requests?.inc(labels, count);
        const { route, status, code } = labels;
        if (!route.endsWith('/pusher_heartbeat')) continue;
        const result = code === 0 && status === 200 ? 'ok' : 'refused';
        this.#heartbeats?.inc({ type: route.split('/')[2] ?? '', result }, count);
      }
    }
  }

  async #countRooms(): Promise<void> {
    const { store, logger } = this.#sources;
    try {
      const counts = await store.countByType();
      for (const type of roomTypes) {
        const count = counts.find((one) => one.type === type);
        this.#rooms.set({ type }, count?.rooms ?? 0);
        this.#members.set({ type }, count?.members ?? 0);
      }
    } catch (error) {
      // The other figures are wanted all the more; an old count would be a wrong one.
      this.#rooms.reset();
      this.#members.reset();
      logger.warn({ err: error }, 'rooms cannot be counted');
    }
  }
}
