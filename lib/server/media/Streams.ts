import { liveApp } from './GuardedRtmp.js';
import { LiveStream, type StreamPlayer, type StreamPublisher } from './LiveStream.js';
import type { FromChild } from './mediaServerMessages.js';
import { type GateVerdict, UrlGate, type UrlGateOptions } from './UrlGate.js';

export interface StreamsOptions extends UrlGateOptions {
  maxGopBytes: number;
  /** A publisher silent for so long gives way to another one with a good signature. */
  takeoverSilenceMs: number;
  report(message: FromChild): void;
}

export type Answer =
  | { granted: true; stream: LiveStream; path: string }
  | { granted: false; taken: boolean; reason: string };

/** What node-media-server's own listeners allow in a stream's name. */
const streamIDPattern = /^[a-zA-Z0-9_-]{1,256}$/;

const reasons: Record<Exclude<GateVerdict, 'ok'>, string> = {
  missing: 'The address has no signature (txSecret and txTime): get one from the room service.',
  bad: 'The signature is wrong: use the address unchanged, and a push address to push only.',
  expired: 'The address has expired: get a new one from the room service.',
  revoked: 'The stream was ended: get a new address from the room service.',
};

/** All streams, who may publish and play them, and the reports of it. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #gate: UrlGate;
  readonly #streams = new Map<string, LiveStream>();

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#gate = new UrlGate(options);
  }

  log(level: 'error' | 'warn' | 'info' | 'debug', fields: Record<string, unknown>, message: string): void {
    this.#options.report({ type: 'log', level, fields, message });
  }

  /** Refuses push URLs up to that expiry from now on, and cuts the stream when it is published by one of them. */
  revoke(streamID: string, untilSeconds: number): void {
    this.#gate.revoke(streamID, untilSeconds);
    const publisher = this.#streams.get(streamID)?.publisher;
    if (publisher && publisher.expiresAtSeconds <= untilSeconds) this.cut(streamID, untilSeconds);
  }

  requestPublish(streamID: string, query: URLSearchParams, nowMs: number): Answer {
    const refusal = this.#verdict('publish', streamID, query);
    if (refusal) return refusal;
    const stream = this.#streams.get(streamID);
    const { publisher } = stream ?? {};
    if (stream && publisher) {
      if (publisher.silenceMs(nowMs) < this.#options.takeoverSilenceMs) {
        this.log('warn', { streamID }, 'publish refused: the stream has a publisher');
        return { granted: false, taken: true, reason: 'The stream is already published: one publisher at a time.' };
      }
      this.log('info', { streamID }, 'silent publisher replaced');
      publisher.end('replaced');
    }
    return this.#grant(streamID);
  }

  requestPlay(streamID: string, query: URLSearchParams): Answer {
    return this.#verdict('play', streamID, query) ?? this.#grant(streamID);
  }

  publish(stream: LiveStream, publisher: StreamPublisher): void {
    const { streamID } = stream;
    stream.publish(publisher);
    this.#options.report({ type: 'publish', streamID, expiresAtSeconds: publisher.expiresAtSeconds });
    this.log('info', { streamID }, 'stream published');
  }

  unpublish(stream: LiveStream, publisher: StreamPublisher): void {
    const { streamID } = stream;
    if (stream.unpublish(publisher)) {
      this.#options.report({ type: 'unpublish', streamID });
      this.log('info', { streamID }, 'stream unpublished');
    }
    this.#forgetIfEmpty(stream);
  }

  leave(stream: LiveStream, player: StreamPlayer): void {
    stream.leave(player);
    this.#forgetIfEmpty(stream);
  }

  /** Ends publisher and players; push URLs up to the returned expiry (or the current publisher's own) are refused. */
  cut(streamID: string, untilSeconds: number): number {
    const stream = this.#streams.get(streamID);
    const until = Math.max(untilSeconds, stream?.publisher?.expiresAtSeconds ?? 0);
    if (until > 0) this.#gate.revoke(streamID, until);
    stream?.publisher?.end('cut');
    for (const player of [...(stream?.players ?? [])]) player.end('cut');
    return until;
  }

  #grant(streamID: string): Answer {
    const path = `/${liveApp}/${streamID}`;
    let stream = this.#streams.get(streamID);
    if (!stream) {
      stream = new LiveStream(streamID, path, this.#options.maxGopBytes);
      this.#streams.set(streamID, stream);
    }
    return { granted: true, stream, path };
  }

  #verdict(kind: 'publish' | 'play', streamID: string, query: URLSearchParams): Answer | undefined {
    if (!streamIDPattern.test(streamID)) {
      return {
        granted: false,
        taken: false,
        reason: 'The stream name has characters other than a-z, A-Z, 0-9, _ and -.',
      };
    }
    const verdict = this.#gate.check(kind, streamID, query);
    if (verdict === 'ok') return undefined;
    this.log('warn', { streamID, verdict }, `${kind} refused`);
    return { granted: false, taken: false, reason: reasons[verdict] };
  }

  #forgetIfEmpty(stream: LiveStream): void {
    if (stream.empty && this.#streams.get(stream.streamID) === stream) this.#streams.delete(stream.streamID);
  }
}
