import type { Revocation, RevocationStore } from './RoomStore.js';
import type { SqliteDatabase } from './SqliteDatabase.js';

interface Kept {
  untilSeconds: number;
  number: number;
}

/** The revoked streams of SqliteRoomStore: in the file, and by number in memory, where everybody who wants to push asks. */
export class SqliteRevocations implements RevocationStore {
  readonly #database: SqliteDatabase;
  /** By stream, the latest revoked last. */
  readonly #revoked = new Map<string, Kept>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.readAgain();
  }

  /** The database is what counts: at the beginning, and when a step failed. */
  readAgain(): void {
    this.#revoked.clear();
    const rows = this.#database.all<{ stream_id: string; until_seconds: number; number: number }>(
      'SELECT * FROM revocations ORDER BY number',
    );
    for (const row of rows) this.#revoked.set(row.stream_id, { untilSeconds: row.until_seconds, number: row.number });
  }

  async revokeStream(streamID: string, untilSeconds: number): Promise<number> {
    return this.#database.atomically(() => this.revoke(streamID, untilSeconds, this.#database.next()));
  }

  /** Within a step: revokes the stream by that number. Returns until when. */
  revoke(streamID: string, givenSeconds: number, number: number): number {
    const before = this.#revoked.get(streamID);
    const untilSeconds = Math.max(givenSeconds, (before?.untilSeconds ?? 0) + 1);
    this.#database.run(
      `INSERT INTO revocations VALUES (?, ?, ?)
       ON CONFLICT (stream_id) DO UPDATE SET until_seconds = excluded.until_seconds, number = excluded.number`,
      ...[streamID, untilSeconds, number],
    );
    this.#revoked.delete(streamID);
    this.#revoked.set(streamID, { untilSeconds, number });
    return untilSeconds;
  }

  revokedUntil(streamID: string): number {
    this.#database.check();
    return this.#revoked.get(streamID)?.untilSeconds ?? 0;
  }

  async revocationsSince(number: number, count: number): Promise<Revocation[]> {
    this.#database.check();
    const found: Revocation[] = [];
    for (const [streamID, revoked] of this.#revoked) {
      if (found.length === count) break;
      if (revoked.number > number) found.push({ streamID, ...revoked });
    }
    return found;
  }

  async forgetRevocations(nowSeconds: number, most: number): Promise<void> {
    this.#database.check();
    let expired = 0;
    for (const [streamID, { untilSeconds }] of this.#revoked) {
      if (untilSeconds > nowSeconds) continue;
      this.#revoked.delete(streamID);
      expired++;
    }
    let forgottenNumber = 0;
    for (const [streamID, { number }] of this.#revoked) {
      if (this.#revoked.size <= most) break;
      this.#revoked.delete(streamID);
      forgottenNumber = number;
    }
    if (expired === 0 && forgottenNumber === 0) return;
    await this.#database.atomically(() => {
      this.#database.run('DELETE FROM revocations WHERE until_seconds <= ?', nowSeconds);
      this.#database.run('DELETE FROM revocations WHERE number <= ?', forgottenNumber);
    });
  }
}
