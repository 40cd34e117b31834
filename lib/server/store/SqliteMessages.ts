import type Database from 'libsql';
import type { KeptMailbox, MailboxEntry } from '../im/Mailbox.js';
import type { SentMessage } from '../im/Mailboxes.js';
import { notWritten } from './SqliteDatabase.js';

type Change =
  | { kind: 'put'; userID: string; epoch: string; oldestSeq: number; entry: MailboxEntry }
  | { kind: 'open'; userID: string; epoch: string; seq: number }
  | { kind: 'drop'; userID: string }
  | { kind: 'sent'; message: SentMessage };

/** Called around each transaction. */
export interface SqliteMessagesHooks {
  before: () => void;
  after: () => void;
}

/** The mailboxes of a SQLite file. Changes are gathered, and written in one transaction by `flush`. */
export class SqliteMessages {
  readonly #database: Database.Database;
  readonly #hooks: SqliteMessagesHooks;
  readonly #statements: ReturnType<typeof prepare>;
  /** False when the process before did not end by itself: notices of its last changes may be missing. */
  readonly isComplete: boolean;
  #changes: Change[] = [];
  /** Users with a row in `mailboxes`, and below which number the file has no message of theirs. */
  readonly #rows = new Map<string, number>();
  /** A write failed, so the file lacks something: it begins anew with the next one. */
  #broken = false;

  constructor(database: Database.Database, hooks: SqliteMessagesHooks) {
    this.#database = database;
    this.#hooks = hooks;
    this.#statements = prepare(database);
    const state = database.prepare('SELECT complete FROM messages_state').get() as { complete: number };
    this.isComplete = state.complete === 1;
    database.exec('UPDATE messages_state SET complete = 0');
  }

  /** What earlier processes left, by user. */
  mailboxes(): Map<string, KeptMailbox> {
    const rows = this.#database.prepare('SELECT * FROM mailboxes').all() as {
      user_id: string;
      epoch: string;
      seq: number;
    }[];
    const kept = new Map<string, KeptMailbox & { seq: number; entries: MailboxEntry[] }>();
    for (const { user_id, epoch, seq } of rows) kept.set(user_id, { epoch, seq, entries: [] });
    const messages = this.#database.prepare('SELECT * FROM messages ORDER BY user_id, seq').all();
    for (const { user_id, seq, data } of messages as { user_id: string; seq: number; data: string }[]) {
      kept.get(user_id)?.entries.push({ seq, data });
    }
    for (const [userID, mailbox] of kept) {
      const { entries } = mailbox;
      // A mailbox's own row has the number that it had when it was made.
      mailbox.seq = Math.max(mailbox.seq, entries.at(-1)?.seq ?? 0);
      this.#rows.set(userID, entries[0]?.seq ?? mailbox.seq + 1);
    }
    return kept;
  }

  sent(): SentMessage[] {
    const rows = this.#database.prepare('SELECT * FROM sent_messages ORDER BY time_ms').all();
    return (rows as { user_id: string; msg_id: string; time_ms: number }[]).map(({ user_id, msg_id, time_ms }) => ({
      from: user_id,
      msgID: msg_id,
      time: time_ms,
    }));
  }

  open(userID: string, epoch: string, seq: number): void {
    this.#changes.push({ kind: 'open', userID, epoch, seq });
  }

  put(userID: string, epoch: string, oldestSeq: number, entry: MailboxEntry): void {
    this.#changes.push({ kind: 'put', userID, epoch, oldestSeq, entry });
  }

  drop(userID: string): void {
    this.#changes.push({ kind: 'drop', userID });
  }

  remember(message: SentMessage): void {
    this.#changes.push({ kind: 'sent', message });
  }

  forgetSentBefore(timeMs: number): void {
    this.#statements.forgetSent.run(timeMs);
  }

  /** Writes what came since the last time. Throws `ERR_RTC_STORE_UNAVAILABLE` when it cannot be, and forgets it then. */
  flush(): void {
    try {
      this.#write();
    } catch (cause) {
      throw notWritten('messages', cause);
    }
  }

  /** Writes what is left, and that nothing is missing. */
  close(): void {
    this.#write();
    if (!this.#broken) this.#database.exec('UPDATE messages_state SET complete = 1');
  }

  #write(): void {
    const changes = this.#changes;
    this.#changes = [];
    if (changes.length === 0) return;
    const { clear, ...one } = this.#statements;
    this.#hooks.before();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      if (this.#broken) {
        for (const statement of clear) statement.run();
        this.#rows.clear();
      }
      const last = new Map<string, Change & { kind: 'put' }>();
      for (const change of changes) {
        if (change.kind === 'put') {
          one.put.run(change.userID, change.entry.seq, change.entry.data);
          last.set(change.userID, change);
        } else if (change.kind === 'open') {
          one.open.run(change.userID, change.epoch, change.seq);
          this.#rows.set(change.userID, change.seq + 1);
        } else if (change.kind === 'drop') {
          last.delete(change.userID);
          this.#rows.delete(change.userID);
          one.drop.run(change.userID);
          one.dropMessages.run(change.userID);
        } else {
          const { from, msgID, time } = change.message;
          one.sent.run(from, msgID, time);
        }
      }
      for (const { userID, epoch, entry, oldestSeq } of last.values()) {
        const first = this.#rows.get(userID);
        if (first === undefined) one.open.run(userID, epoch, entry.seq);
        else if (first < oldestSeq) one.trim.run(userID, oldestSeq);
        this.#rows.set(userID, oldestSeq);
      }
      this.#database.exec('COMMIT');
      this.#hooks.after();
      this.#broken = false;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      this.#broken = true;
      throw error;
    }
  }
}

function prepare(database: Database.Database) {
  return {
    open: database.prepare(
      `INSERT INTO mailboxes VALUES (?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq`,
    ),
    put: database.prepare('INSERT OR REPLACE INTO messages VALUES (?, ?, ?)'),
    trim: database.prepare('DELETE FROM messages WHERE user_id = ? AND seq < ?'),
    drop: database.prepare('DELETE FROM mailboxes WHERE user_id = ?'),
    dropMessages: database.prepare('DELETE FROM messages WHERE user_id = ?'),
    sent: database.prepare('INSERT OR IGNORE INTO sent_messages VALUES (?, ?, ?)'),
    forgetSent: database.prepare('DELETE FROM sent_messages WHERE time_ms < ?'),
    clear: ['mailboxes', 'messages', 'sent_messages'].map((table) => database.prepare(`DELETE FROM ${table}`)),
  };
}
