import { randomBytes } from 'node:crypto';

/** One open stream of events to a client. */
export interface Sink {
  /** Comes first: the place in the mailbox that what follows begins behind, and whether it joins what the reader had. */
  ready(id: string, resumed: boolean): void;
  /** Queues text; the sink ends itself when its reader is too slow. */
  write(text: string): void;
  end(): void;
}

export interface MailboxLimits {
  /** Messages kept for a resume. */
  backlogMessages: number;
  /** Bytes (UTF-16 units of the JSON) kept for a resume. */
  backlogLength: number;
}

export interface MailboxEntry {
  seq: number;
  data: string;
}

export interface KeptMailbox {
  epoch: string;
  seq: number;
  entries: readonly MailboxEntry[];
}

/** The messages of one user: what was sent lately, so that a cut stream loses nothing, and the stream, if one is open. */
export class Mailbox {
  #epoch: string;
  readonly #limits: MailboxLimits;
  #backlog: MailboxEntry[] = [];
  #backlogLength = 0;
  #seq = 0;
  #sink: Sink | undefined;
  #detachedAtMs: number;

  /** `kept` is what a mailbox of an earlier process left. */
  constructor(limits: MailboxLimits, nowMs: number, kept?: KeptMailbox) {
    this.#limits = limits;
    this.#detachedAtMs = nowMs;
    this.#epoch = kept?.epoch ?? newEpoch();
    this.#seq = kept?.seq ?? 0;
    for (const entry of kept?.entries ?? []) this.#keep(entry);
  }

  /** Names this mailbox in event ids, so that an id of another one is never taken for ours. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Number of the latest message; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** Number of the oldest message that is kept. */
  get oldestSeq(): number {
    return this.#backlog[0]?.seq ?? this.#seq + 1;
  }

  get sink(): Sink | undefined {
    return this.#sink;
  }

  /** Since when no stream is open, ms; undefined while one is. */
  get detachedAtMs(): number | undefined {
    return this.#sink ? undefined : this.#detachedAtMs;
  }

  /**
   * Makes `sink` the mailbox's only stream and sends it `ready`, then what it missed after `lastEventID`. Not resumed
   * when there is no such id, or it is of another mailbox, or what followed it is no longer kept.
   */
  attach(sink: Sink, lastEventID: string | undefined): void {
    this.#sink?.end();
    this.#sink = sink;
    const last = this.#position(lastEventID);
    sink.ready(`${this.#epoch}.${last ?? this.#seq}`, last !== undefined);
    if (last === undefined) return;
    for (const entry of this.#backlog) {
      if (entry.seq > last) sink.write(this.#frame(entry));
    }
  }

  /** Tells that `sink` is closed; what comes now is kept for a resume. */
  detach(sink: Sink, nowMs: number): void {
    if (this.#sink !== sink) return;
    this.#sink = undefined;
    this.#detachedAtMs = nowMs;
  }

  /** Begins anew: no number from here on is one of before, and who comes back with one of those has missed something. */
  renew(): void {
    this.#epoch = newEpoch();
    this.#seq = 0;
    this.#backlog = [];
    this.#backlogLength = 0;
  }

  put(data: string): void {
    const entry = { seq: ++this.#seq, data };
    this.#keep(entry);
    this.#sink?.write(this.#frame(entry));
  }

  #keep(entry: MailboxEntry): void {
    this.#backlog.push(entry);
    this.#backlogLength += entry.data.length;
    while (this.#backlog.length > this.#limits.backlogMessages || this.#backlogLength > this.#limits.backlogLength) {
      const dropped = this.#backlog.shift();
      if (!dropped) break;
      this.#backlogLength -= dropped.data.length;
    }
  }

  #frame(entry: MailboxEntry): string {
    return `id: ${this.#epoch}.${entry.seq}\nevent: message\ndata: ${entry.data}\n\n`;
  }

  /** The sequence number of an event id, if everything after it can still be sent. */
  #position(id: string | undefined): number | undefined {
    const match = id === undefined ? null : /^([0-9a-f]{12})\.(\d{1,15})$/.exec(id);
    if (!match || match[1] !== this.#epoch) return undefined;
    const seq = Number(match[2]);
    return seq <= this.#seq && seq >= this.oldestSeq - 1 ? seq : undefined;
  }
}

function newEpoch(): string {
  return randomBytes(6).toString('hex');
}
