import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RtcError } from '../../errors.js';
import type { VideoResolution } from '../../live/enums.js';
import type { TextMessage } from '../../room/events.js';
import { RTCRoom, type RTCRoomPreviewOptions } from '../../room/RTCRoom.js';
import type { TestService } from '../../testing/startTestService.js';
import type { Progress } from './Progress.js';
import type { DemoResult } from './result.js';
import { View } from './View.js';

export interface CallOptions {
  service: TestService;
  seconds: number;
  /** Absolute path of a clip for A to push, looped; else both push the synthetic source. */
  input?: string | undefined;
  /** Of both pushes; the pusher's own default. */
  resolution?: VideoResolution | undefined;
  fps?: number | undefined;
  folder: string;
  progress: Progress;
  signal: AbortSignal;
}

/** Bound of every single wait, one for an answer of the service as well; a demo on one machine is far faster. */
const deadlineMs = 20_000;
const refreshMs = 200;
/** The first picture of a joining player is old; the meters count from this long after it. */
const settleMs = 1000;

const synthetic: RTCRoomPreviewOptions = { video: { source: 'synthetic' }, audio: { source: 'synthetic' } };

/** The two rooms and what happened to them. */
class Call {
  readonly a = new RTCRoom({ timeoutMs: deadlineMs });
  readonly b = new RTCRoom({ timeoutMs: deadlineMs });
  readonly result: DemoResult;
  readonly #options: CallOptions;

  constructor(options: CallOptions) {
    this.#options = options;
    this.result = {
      steps: [],
      directions: [],
      textsArrived: [],
      roomGone: false,
      memberLeaveSeen: false,
      errors: [],
      folder: options.folder,
    };
    for (const [user, room] of [
      ['A', this.a],
      ['B', this.b],
    ] as const) {
      room.on('step', (step) => {
        this.result.steps.push({ ...step, user });
        options.progress.line(`step ${step.step}  ${step.name}  ${step.durationMs.toFixed(1)} ms`);
      });
      room.on('error', (error, userID) => {
        this.result.errors.push(`${user}${userID ? ` about ${userID}` : ''}: ${error.code} ${error.message}`);
      });
      room.on('listenerError', (error) => this.result.errors.push(`${user}: ${String(error)}`));
    }
  }

  /** `action` within the deadline and until Ctrl-C. */
  async #within<T>(what: string, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = AbortSignal.any([this.#options.signal, deadline]);
    try {
      return await action(signal);
    } catch (error) {
      if (!deadline.aborted || this.#options.signal.aborted) throw error;
      throw new RtcError('ERR_RTC_TIMEOUT', `${what}: nothing within ${deadlineMs / 1000} s`, { cause: error });
    }
  }

  /** Waits for an event that `matches`. */
  #heard<Value>(what: string, listen: (heard: (value: Value) => void) => () => void): Promise<Value> {
    const value = this.#within(
      what,
      (signal) =>
        new Promise<Value>((resolve, reject) => {
          signal.throwIfAborted();
          const stop = listen((value) => {
            stop();
            resolve(value);
          });
          signal.addEventListener('abort', () => {
            stop();
            reject(signal.reason);
          });
        }),
    );
    // Another wait of the call may fail first; this one is awaited later or never.
    value.catch(() => undefined);
    return value;
  }

  async run(): Promise<DemoResult> {
    const { service, folder, progress, signal, input, resolution, fps } = this.#options;
    const { a, b } = this;
    await mkdir(folder, { recursive: true });
    await this.#within('login', (until) =>
      Promise.all([
        a.login(service.loginInfo('A'), { signal: until }),
        b.login(service.loginInfo('B'), { signal: until }),
      ]),
    );
    const clip: RTCRoomPreviewOptions | undefined = input
      ? { video: { source: 'file', path: input, loop: true }, audio: { source: 'file', path: input, loop: true } }
      : undefined;
    const picture = { ...(fps !== undefined && { fps }), ...(resolution !== undefined && { resolution }) };
    await this.#within('preview', (until) =>
      Promise.all([
        a.startLocalPreview({ ...(clip ?? synthetic), ...picture, signal: until }),
        b.startLocalPreview({ ...synthetic, ...picture, signal: until }),
      ]),
    );
    const viewOfB = new View({ room: a, from: 'B', to: 'A', clip: false, path: join(folder, 'B.mp4'), signal });
    const viewOfA = new View({
      room: b,
      from: 'A',
      to: 'B',
      clip: clip !== undefined,
      path: join(folder, 'A.mp4'),
      signal,
    });

    const roomID = await this.#within('createRoom', (until) => a.createRoom({ roomInfo: 'demo', signal: until }));
    const joined = this.#heard<unknown>('the notice that B came', (heard) => {
      const onJoin = ({ userID }: { userID: string }) => {
        if (userID === 'B') heard(userID);
      };
      a.on('memberJoin', onJoin);
      return () => a.off('memberJoin', onJoin);
    });
    await Promise.all([
      this.#within('enterRoom', (until) => b.enterRoom({ roomID, signal: until })).then(() =>
        this.#within('B plays A', () => viewOfA.start()),
      ),
      joined.then(() => this.#within('A plays B', () => viewOfB.start())),
    ]);
    progress.line(`in the call: room ${roomID}`);

    await this.#exchangeTexts();
    await this.#talk([viewOfA, viewOfB]);

    this.result.directions = [await viewOfA.result(), await viewOfB.result()];
    await this.#leave(roomID);
    return this.result;
  }

  async #exchangeTexts(): Promise<void> {
    const messages = [
      { from: this.a, to: this.b, names: ['A', 'B'], text: 'Hello B, can you see me?' },
      { from: this.b, to: this.a, names: ['B', 'A'], text: 'Yes, and hear you. 你好' },
    ] as const;
    for (const { from, to, names, text } of messages) {
      const started = performance.now();
      const arrival = this.#heard<TextMessage>(`the text of ${names[0]}`, (heard) => {
        to.on('textMsg', heard);
        return () => to.off('textMsg', heard);
      });
      await this.#within('sendRoomTextMsg', (signal) => from.sendRoomTextMsg(text, { signal }));
      const message = await arrival;
      const right = message.text === text && message.userID === names[0];
      const ms = right ? performance.now() - started : undefined;
      this.result.textsArrived.push({ from: names[0], to: names[1], text, ms });
      this.#options.progress.line(`text ${names[0]} → ${names[1]}: ${message.text}`);
    }
  }

  /** Both play each other, both are recorded. */
  async #talk(views: readonly View[]): Promise<void> {
    const { seconds, progress, signal } = this.#options;
    await delay(settleMs, undefined, { signal });
    const started = performance.now();
    for (let passed = 0; passed < seconds * 1000; passed = performance.now() - started) {
      const [ofA, ofB] = views.map(({ latencyMs }) =>
        latencyMs === undefined ? 'clip' : `${latencyMs.toFixed(1)} ms`,
      );
      progress.live(`talking ${(passed / 1000).toFixed(1)} of ${seconds} s   A → B ${ofA}   B → A ${ofB}`);
      await delay(Math.min(refreshMs, seconds * 1000 - passed), undefined, { signal });
    }
    await this.#within('stopLocalRecord', () => Promise.all(views.map((view) => view.stopRecording())));
    progress.line(`talked ${seconds} s, recorded both`);
  }

  async #leave(roomID: string): Promise<void> {
    const { a, b } = this;
    const left = this.#heard('the notice that B left', (heard) => {
      a.on('memberLeave', heard);
      return () => a.off('memberLeave', heard);
    });
    await this.#within('exitRoom of B', () => b.exitRoom());
    await left;
    this.result.memberLeaveSeen = true;
    await this.#within('exitRoom of A', () => a.exitRoom());
    const rooms = await this.#within('getRoomList', (signal) => b.getRoomList({ signal }));
    this.result.roomGone = !rooms.some((room) => room.roomID === roomID);
    this.#options.progress.line(this.result.roomGone ? 'B left, A left, the room is gone' : 'the room is still there');
  }

  async close(): Promise<void> {
    await Promise.all([this.a.close(), this.b.close()]);
  }
}

/** Holds the two-person call; whatever happens, both rooms are closed after it. */
export async function holdCall(options: CallOptions): Promise<DemoResult> {
  const call = new Call(options);
  try {
    return await call.run();
  } finally {
    await call.close();
  }
}
