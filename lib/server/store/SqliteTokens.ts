import type { KickedReason } from '../im/events.js';
import type { EndedToken, TokenRecord, TokenStore } from './RoomStore.js';
import { maxEndedTokens } from './RoomStore.js';
import type { SqliteDatabase } from './SqliteDatabase.js';
import type { Soon } from './soon.js';

/** The tokens of SqliteRoomStore. */
export class SqliteTokens implements TokenStore {
  readonly #database: SqliteDatabase;
  /** Tokens that were asked for: the file has no other writer. Only users who have one, so it is bounded by them. */
  readonly #known = new Map<string, TokenRecord>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** After a transaction that failed. */
  readAgain(): void {
    this.#known.clear();
  }

  async putToken(token: TokenRecord, nowMs: number): Promise<TokenRecord | undefined> {
    return this.#database.atomically(() => {
      const before = this.#token(token.userID);
      if (before && before.expiresAtMs > nowMs) {
        this.#keepEnded(before, { reason: 'loggedInElsewhere', expiresAtMs: token.expiresAtMs });
      }
      this.#database.run(
        `INSERT INTO tokens VALUES (?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, expires_at_ms = excluded.expires_at_ms`,
        ...[token.userID, token.hash, token.expiresAtMs],
      );
      this.#change(token.userID);
      this.#known.set(token.userID, token);
      return before;
    });
  }

  getToken(userID: string): Soon<TokenRecord | undefined> {
    return this.#database.told(this.#token(userID), userID);
  }

  async extendToken(userID: string, hash: string, expiresAtMs: number): Promise<void> {
    await this.#database.atomically(() => {
      const sql = 'UPDATE tokens SET expires_at_ms = ? WHERE user_id = ? AND hash = ?';
      this.#database.run(sql, expiresAtMs, userID, hash);
      this.#change(userID);
    });
  }

  async deleteToken(userID: string, ended?: EndedToken): Promise<void> {
    await this.#database.atomically(() => {
      const token = ended && this.#token(userID);
      if (token) this.#keepEnded(token, ended);
      this.#database.run('DELETE FROM tokens WHERE user_id = ?', userID);
      this.#change(userID);
    });
  }

  async getEndedToken(userID: string, hash: string): Promise<EndedToken | undefined> {
    const row = this.#database.get<{ reason: KickedReason; expires_at_ms: number }>(
      'SELECT reason, expires_at_ms FROM ended_tokens WHERE user_id = ? AND hash = ?',
      ...[userID, hash],
    );
    const ended = row && { reason: row.reason, expiresAtMs: row.expires_at_ms };
    return this.#database.told(ended, userID);
  }

  async deleteExpiredTokens(nowMs: number): Promise<void> {
    // Whoever reads one of these meanwhile refuses it as expired, there or not.
    await this.#database.atomically(() => {
      this.#database.run('DELETE FROM tokens WHERE expires_at_ms <= ?', nowMs);
      this.#database.run('DELETE FROM ended_tokens WHERE expires_at_ms <= ?', nowMs);
      for (const [userID, token] of this.#known) if (token.expiresAtMs <= nowMs) this.#known.delete(userID);
    });
  }

  #token(userID: string): TokenRecord | undefined {
    this.#database.check();
    const known = this.#known.get(userID);
    if (known) return known;
    const sql = 'SELECT * FROM tokens WHERE user_id = ?';
    const row = this.#database.get<{ hash: string; expires_at_ms: number }>(sql, userID);
    if (!row) return undefined;
    const token = { userID, hash: row.hash, expiresAtMs: row.expires_at_ms };
    this.#known.set(userID, token);
    return token;
  }

  #change(userID: string): void {
    this.#database.changed(userID);
    this.#known.delete(userID);
  }

  #keepEnded({ userID, hash }: TokenRecord, { reason, expiresAtMs }: EndedToken): void {
    this.#database.run(
      'INSERT INTO ended_tokens (user_id, hash, reason, expires_at_ms) VALUES (?, ?, ?, ?)',
      ...[userID, hash, reason, expiresAtMs],
    );
    this.#database.run(
      `DELETE FROM ended_tokens WHERE position IN (
         SELECT position FROM ended_tokens WHERE user_id = ? ORDER BY position DESC LIMIT -1 OFFSET ?
       )`,
      ...[userID, maxEndedTokens],
    );
  }
}
