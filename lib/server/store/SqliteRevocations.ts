import type { Revocation, RevocationStore } from './RoomStore.js';
import type { SqliteDatabase } from './SqliteDatabase.js';
import type { Soon } from './soon.js';

/** What changes with every revocation: the list of them. */
const anyRevocation = Symbol('any revocation');

/** The revoked streams of SqliteRoomStore: in the file, and in memory until when, where everybody who wants to push asks. */
export class SqliteRevocations implements RevocationStore {
  readonly #database: SqliteDatabase;
  /** Seconds by stream. */
  readonly #revoked = new Map<string, number>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.readAgain();
  }

  /** The database is what counts: at the beginning, and when a transaction failed. */
  readAgain(): void {
    const all = this.#select('');
    this.#revoked.clear();
    for (const { streamID, untilSeconds } of all) this.#revoked.set(streamID, untilSeconds);
  }

  async revokeStream(streamID: string, untilSeconds: number): Promise<number> {
    return this.#database.atomically(() => this.revoke(streamID, untilSeconds, this.#database.next()));
  }

  /** The last that a step writes: revokes the stream by that number. Returns until when. */
  revoke(streamID: string, givenSeconds: number, number: number): number {
    const untilSeconds = Math.max(givenSeconds, this.until(streamID) + 1);
    this.#database.run(
      `INSERT INTO revocations VALUES (?, ?, ?)
       ON CONFLICT (stream_id) DO UPDATE SET until_seconds = excluded.until_seconds, number = excluded.number`,
      ...[streamID, untilSeconds, number],
    );
    this.#revoked.set(streamID, untilSeconds);
    this.#changed(streamID);
    return untilSeconds;
  }

  revokedUntil(streamID: string): Soon<number> {
    this.#database.check();
    return this.#database.told(this.until(streamID), streamID);
  }

  /** Within a step: 0 when the stream has no revocation. */
  until(streamID: string): number {
    return this.#revoked.get(streamID) ?? 0;
  }

  async revocationsSince(number: number, count: number): Promise<Revocation[]> {
    const found = this.#select('WHERE number > ? ORDER BY number LIMIT ?', number, count);
    return this.#database.told(found, anyRevocation);
  }

  async forgetRevocations(nowSeconds: number, most: number): Promise<void> {
    this.#database.check();
    if (this.#revoked.size === 0) return;
    await this.#database.atomically(() => {
      const gone = this.#select('WHERE until_seconds <= ?', nowSeconds);
      if (gone.length > 0) this.#database.run('DELETE FROM revocations WHERE until_seconds <= ?', nowSeconds);
      const tooMany = this.#revoked.size - gone.length - most;
      if (tooMany > 0) {
        const oldest = this.#select('ORDER BY number LIMIT ?', tooMany);
        this.#database.run('DELETE FROM revocations WHERE number <= ?', oldest.at(-1)?.number);
        gone.push(...oldest);
      }
      for (const { streamID } of gone) {
        this.#revoked.delete(streamID);
        this.#changed(streamID);
      }
    });
  }

  #select(which: string, ...values: unknown[]): Revocation[] {
    return this.#database
      .all<{ stream_id: string; until_seconds: number; number: number }>(
        `SELECT stream_id, until_seconds, number FROM revocations ${which}`,
        ...values,
      )
      .map((row) => ({ streamID: row.stream_id, untilSeconds: row.until_seconds, number: row.number }));
  }

  #changed(streamID: string): void {
    this.#database.changed(streamID);
    this.#database.changed(anyRevocation);
  }
}
