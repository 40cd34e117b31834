import type { Revocation, RevocationStore } from './RoomStore.js';
import type { SqliteDatabase } from './SqliteDatabase.js';

const onConflict = `ON CONFLICT (stream_id) DO UPDATE
  SET until_seconds = max(excluded.until_seconds, until_seconds + 1), number = excluded.number
  RETURNING until_seconds`;

/** The revoked streams of SqliteRoomStore. */
export class SqliteRevocations implements RevocationStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async revokeStream(streamID: string, untilSeconds: number): Promise<number> {
    return this.#database.atomically(() => {
      const sql = `INSERT INTO revocations VALUES (?, ?, ?) ${onConflict}`;
      return this.#until(sql, streamID, untilSeconds, this.#database.next()) ?? untilSeconds;
    });
  }

  /** Within a step: revokes the stream by that number; undefined, and nothing done, when some member has it. */
  revokeUnused(streamID: string, untilSeconds: number, number: number): number | undefined {
    const sql = `INSERT INTO revocations SELECT ?, ?, ?
      WHERE NOT EXISTS (SELECT 1 FROM members WHERE stream_id = ?) ${onConflict}`;
    return this.#until(sql, streamID, untilSeconds, number, streamID);
  }

  revokedUntil(streamID: string): number {
    return this.#until('SELECT until_seconds FROM revocations WHERE stream_id = ?', streamID) ?? 0;
  }

  async revocationsSince(number: number, count: number): Promise<Revocation[]> {
    const rows = this.#database.all<{ stream_id: string; until_seconds: number; number: number }>(
      'SELECT * FROM revocations WHERE number > ? ORDER BY number LIMIT ?',
      ...[number, count],
    );
    return rows.map((row) => ({ streamID: row.stream_id, untilSeconds: row.until_seconds, number: row.number }));
  }

  async forgetRevocations(nowSeconds: number, most: number): Promise<void> {
    this.#database.run('DELETE FROM revocations WHERE until_seconds <= ?', nowSeconds);
    const kept = this.#database.get<{ count: number }>('SELECT count(*) AS count FROM revocations')?.count ?? 0;
    if (kept <= most) return;
    this.#database.run(
      'DELETE FROM revocations WHERE number IN (SELECT number FROM revocations ORDER BY number LIMIT ?)',
      kept - most,
    );
  }

  #until(sql: string, ...values: unknown[]): number | undefined {
    return this.#database.get<{ until_seconds: number }>(sql, ...values)?.until_seconds;
  }
}
