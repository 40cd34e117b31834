import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from '../logger.js';
import type { RedisConnection } from '../store/RedisConnection.js';
import type { Sink } from './Mailbox.js';
import {
  type Mailboxes,
  type MailboxesOptions,
  type PostOptions,
  rememberSentMs,
  type SentMessage,
} from './Mailboxes.js';
import { attachScript, endScript, keepScript, publishScript } from './redisMailboxScripts.js';

export interface RedisMailboxesOptions extends MailboxesOptions {
  connection: RedisConnection;
  logger: Logger;
}

/** An open stream of this process. Until `epoch` is known, what comes for it waits. */
interface Reader {
  sink: Sink;
  serial: number;
  epoch: string | undefined;
  /** Number of the last message that was written. */
  seq: number;
  waiting: Event[];
  keptAtMs: number;
}

interface Event {
  kind: 'message' | 'attached' | 'end';
  epoch: string;
  seq: number;
  serial: number;
  data: string;
}

type AttachReply = [epoch: string, seq: string, serial: number, resumed: 0 | 1, missed: string[]];

/** The mailbox of a process that died is kept that much longer than one whose stream was closed, ms. */
const renewAfterMs = 30_000;

/** How long a read waits for events, ms; it ends at once when one comes. */
const readBlockMs = 5000;

/**
 * The mailboxes of all processes on one Redis. A script numbers a message in every mailbox and adds it once to a stream
 * that each process reads, so that all see all in one order; each writes what is for its own clients. A number that
 * does not follow the last one ends the client's stream, and it resumes from what Redis keeps.
 */
export class RedisMailboxes implements Mailboxes {
  readonly #options: RedisMailboxesOptions;
  readonly #redis: RedisConnection;
  readonly #events: Redis;
  readonly #readers = new Map<string, Reader>();
  /** Names this process in stamps. */
  readonly #id = randomBytes(6).toString('hex');
  #written: (type: string, ms: number) => void = () => {};
  #position = '';
  #closed = false;

  constructor(options: RedisMailboxesOptions) {
    this.#options = options;
    this.#redis = options.connection;
    for (const script of [attachScript, publishScript, endScript, keepScript]) this.#redis.preload(script);
    this.#events = this.#redis.client.duplicate({ commandTimeout: undefined, blockingTimeout: readBlockMs * 2 });
    this.#events.on('error', () => {});
    this.#events.on('ready', () => void this.#read());
    // A mailbox may have come to its end while nobody could keep it.
    this.#redis.onRestored(() => this.#keep(0));
  }

  attach(userID: string, sink: Sink, lastEventID: string | undefined): () => void {
    this.#readers.get(userID)?.sink.end();
    const reader: Reader = { sink, serial: 0, epoch: undefined, seq: 0, waiting: [], keptAtMs: Date.now() };
    this.#readers.set(userID, reader);
    void this.#open(userID, reader, lastEventID);
    return () => {
      if (this.#readers.get(userID) !== reader) return;
      this.#readers.delete(userID);
      void this.#try(this.#redis.script(keepScript, [this.#options.retentionMs, userID, reader.serial]));
    };
  }

  notify(userIDs: readonly string[], data: string, acceptedAtMs: number): Promise<boolean> {
    const options = { mustReach: false, acceptedAtMs };
    return this.#try(this.#publish({ from: '', msgID: '', time: 0 }, [...new Set(userIDs)], data, options));
  }

  async post(message: SentMessage, userIDs: readonly string[], data: string, options: PostOptions) {
    const { mustReach } = options;
    const [time, reached, before] = await this.#publish(message, [...new Set(userIDs)], data, options);
    return mustReach && reached === 0 && before === 0 ? undefined : Number(time);
  }

  async kick(userID: string, data: string, acceptedAtMs: number): Promise<boolean> {
    let wasThere = false;
    const args = [userID, data, this.#stamp(acceptedAtMs)];
    const ending = this.#redis.script<0 | 1>(endScript, args).then((ended) => {
      wasThere = ended === 1;
    });
    await this.#try(ending);
    return wasThere;
  }

  drop(userID: string): void {
    void this.#try(this.#redis.script(endScript, [userID, '', '']));
  }

  listening(): Iterable<string> {
    return this.#readers.keys();
  }

  onWritten(listener: (type: string, ms: number) => void): void {
    this.#written = listener;
  }

  sweep(): void {
    this.#keep(renewAfterMs);
  }

  close(farewell?: () => string): void {
    this.#closed = true;
    for (const { sink } of this.#readers.values()) {
      if (farewell) sink.write(farewell());
      sink.end();
    }
    this.#events.disconnect();
  }

  get #keepMs(): number {
    return this.#options.retentionMs + 2 * renewAfterMs;
  }

  /** Keeps the mailboxes of open streams that were not kept for so long. */
  #keep(afterMs: number): void {
    const nowMs = Date.now();
    const kept: (string | number)[] = [];
    for (const [userID, reader] of this.#readers) {
      if (reader.serial === 0 || nowMs - reader.keptAtMs < afterMs) continue;
      reader.keptAtMs = nowMs;
      kept.push(userID, reader.serial);
    }
    for (let first = 0; first < kept.length; first += 2000) {
      const some = kept.slice(first, first + 2000);
      const serials = new Map(some.flatMap((one, index) => (index % 2 === 0 ? [[one, some[index + 1]] as const] : [])));
      const keeping = this.#redis.script<string[]>(keepScript, [this.#keepMs, ...some]).then((gone) => {
        for (const userID of gone) {
          const reader = this.#readers.get(userID);
          if (reader && reader.serial === serials.get(userID)) reader.sink.end();
        }
      });
      void this.#try(keeping);
    }
  }

  #publish(message: SentMessage, userIDs: readonly string[], data: string, options: PostOptions) {
    const { backlogMessages, backlogLength } = this.#options;
    const { from, msgID, time } = message;
    return this.#redis.script<[time: string, reached: number, before: 0 | 1]>(publishScript, [
      ...[data, backlogMessages, backlogLength, from, msgID, time, rememberSentMs],
      ...[options.mustReach ? '1' : '0', this.#stamp(options.acceptedAtMs)],
      ...userIDs,
    ]);
  }

  async #open(userID: string, reader: Reader, lastEventID: string | undefined): Promise<void> {
    const [, lastEpoch = '', last = '0'] = /^([0-9a-f]{12})\.(\d{1,15})$/.exec(lastEventID ?? '') ?? [];
    let reply: AttachReply;
    try {
      const epoch = randomBytes(6).toString('hex');
      reply = await this.#redis.script<AttachReply>(attachScript, [userID, epoch, lastEpoch, last, this.#keepMs]);
    } catch (error) {
      this.#options.logger.warn({ userID, err: error }, 'stream of events could not be opened; its client comes again');
      reader.sink.end();
      return;
    }
    const [epoch, seq, serial, resumed, missed] = reply;
    reader.epoch = epoch;
    reader.serial = serial;
    reader.seq = Number(seq) - missed.length;
    reader.sink.ready(`${epoch}.${reader.seq}`, resumed === 1);
    for (const data of missed) writeMessage(reader, data);
    for (const event of reader.waiting.splice(0)) this.#hear(reader, event);
  }

  /** Reads the common stream while its connection lasts. */
  async #read(): Promise<void> {
    const events = this.#events;
    const key = `${this.#redis.prefix}events`;
    try {
      await this.#findPosition(key);
      while (!this.#closed && events.status === 'ready') {
        const reply = await events.xread('COUNT', 500, 'BLOCK', readBlockMs, 'STREAMS', key, this.#position);
        for (const [id, fields] of reply?.[0]?.[1] ?? []) {
          this.#position = id;
          this.#dispatch(fields as string[]);
        }
      }
    } catch (error) {
      if (this.#closed || events.status !== 'ready') return;
      this.#options.logger.error({ err: error }, 'events could not be read from Redis; tried again');
      setTimeout(() => void this.#read(), 1000).unref();
    }
  }

  /** Where to read on. When something in between is lost, clients come again and learn what they missed. */
  async #findPosition(key: string): Promise<void> {
    const [oldest] = await this.#events.xrange(key, '-', '+', 'COUNT', 1);
    const [newest] = await this.#events.xrevrange(key, '+', '-', 'COUNT', 1);
    const before = this.#position;
    const isWhole = before !== '' && oldest && newest && !isAfter(oldest[0], before) && !isAfter(before, newest[0]);
    if (isWhole) return;
    this.#position = newest?.[0] ?? '0-0';
    if (before === '') return;
    for (const { sink } of this.#readers.values()) sink.end();
  }

  #dispatch(flat: readonly string[]): void {
    const named: Record<string, string> = {};
    // A message has its recipients after kind, stamp and data: their ids are no names of fields.
    const isMessage = flat[1] === 'message';
    const namedUntil = isMessage ? 6 : flat.length;
    for (let index = 0; index + 1 < namedUntil; index += 2) {
      named[flat[index] as string] = flat[index + 1] as string;
    }
    const kind = named.kind as Event['kind'];
    const { data = '', stamp = '' } = named;
    let isForUs = false;
    if (isMessage) {
      for (let index = 6; index + 1 < flat.length; index += 2) {
        if (this.#deliver(flat[index], kind, flat[index + 1], data, 0)) isForUs = true;
      }
    } else {
      isForUs = this.#deliver(named.user, kind, named.id, data, Number(named.serial));
    }
    const type = isForUs && stamp !== '' ? /^\{"type":"(\w+)"/.exec(data)?.[1] : undefined;
    if (type !== undefined) this.#written(type, this.#sinceMs(stamp));
  }

  /** When something was accepted: this process's name and monotonic clock, and the time of day for the others. */
  #stamp(acceptedAtMs: number): string {
    const time = Date.now() - (performance.now() - acceptedAtMs);
    return `${this.#id} ${acceptedAtMs.toFixed(3)} ${time.toFixed(0)}`;
  }

  /** Clocks of machines differ: what seems to come before it was accepted took no time. */
  #sinceMs(stamp: string): number {
    const [id, atMs, time] = stamp.split(' ');
    return Math.max(0, id === this.#id ? performance.now() - Number(atMs) : Date.now() - Number(time));
  }

  /** False when this process has no stream of the user. */
  #deliver(userID = '', kind: Event['kind'], id = '', data: string, serial: number): boolean {
    const reader = this.#readers.get(userID);
    if (!reader) return false;
    const [epoch = '', seq] = id.split('.');
    const event = { kind, epoch, seq: Number(seq), serial, data };
    if (reader.epoch === undefined) reader.waiting.push(event);
    else this.#hear(reader, event);
    return true;
  }

  #hear(reader: Reader, { kind, epoch, seq, serial, data }: Event): void {
    if (kind === 'attached') {
      if (serial > reader.serial) reader.sink.end();
      return;
    }
    if (epoch !== reader.epoch) return;
    if (kind === 'end') {
      if (data !== '') writeMessage(reader, data);
      reader.sink.end();
      return;
    }
    if (seq <= reader.seq) return;
    if (seq === reader.seq + 1) writeMessage(reader, data);
    else reader.sink.end();
  }

  /** What fails here is told by the connection's log; who missed it reads the state when Redis is back. */
  async #try(promise: Promise<unknown>): Promise<boolean> {
    try {
      await promise;
      return true;
    } catch (error) {
      if (!this.#closed) this.#options.logger.debug({ err: error }, 'Redis did not take an event');
      return false;
    }
  }
}

function writeMessage(reader: Reader, data: string): void {
  reader.sink.write(`id: ${reader.epoch}.${++reader.seq}\nevent: message\ndata: ${data}\n\n`);
}

/** Order of Redis stream ids. */
function isAfter(one: string, other: string): boolean {
  const [ms = 0, count = 0] = one.split('-').map(Number);
  const [otherMs = 0, otherCount = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && count > otherCount);
}
