import type Database from 'libsql';
import { RtcError } from '../../errors.js';

/** Step n brings a database of schema version n to n + 1. Steps are only ever appended. */
const migrations: readonly string[] = [
  `
  CREATE TABLE sequence (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
  INSERT INTO sequence VALUES (1, 0);
  CREATE TABLE rooms (
    room_id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    room_info TEXT NOT NULL,
    creator TEXT NOT NULL DEFAULT '',
    creator_stream_id TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    active INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL
  );
  CREATE INDEX rooms_pending ON rooms (created_at_ms) WHERE active = 0;
  CREATE TABLE members (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL REFERENCES rooms (room_id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    user_avatar TEXT NOT NULL,
    stream_id TEXT NOT NULL,
    push_url_digest TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    joined_at_ms INTEGER NOT NULL,
    UNIQUE (room_id, user_id)
  );
  CREATE INDEX members_stream ON members (stream_id);
  CREATE TABLE tokens (user_id TEXT PRIMARY KEY, hash TEXT NOT NULL, expires_at_ms INTEGER NOT NULL);
  CREATE INDEX tokens_expiry ON tokens (expires_at_ms);
  `,
  `
  CREATE TABLE audience (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL REFERENCES rooms (room_id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    user_info TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    UNIQUE (room_id, user_id)
  );
  CREATE INDEX audience_user ON audience (user_id);
  CREATE INDEX audience_expiry ON audience (expires_at_ms);
  CREATE TABLE custom_fields (
    room_id TEXT NOT NULL REFERENCES rooms (room_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (room_id, name)
  );
  `,
  `
  CREATE TABLE mailboxes (user_id TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL);
  CREATE TABLE messages (
    user_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (user_id, seq)
  ) WITHOUT ROWID;
  CREATE TABLE sent_messages (
    user_id TEXT NOT NULL,
    msg_id TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, msg_id)
  ) WITHOUT ROWID;
  CREATE INDEX sent_messages_time ON sent_messages (time_ms);
  CREATE TABLE messages_state (id INTEGER PRIMARY KEY CHECK (id = 1), complete INTEGER NOT NULL);
  INSERT INTO messages_state VALUES (1, 1);
  `,
  `
  CREATE TABLE ended_tokens (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
  );
  CREATE INDEX ended_tokens_user ON ended_tokens (user_id);
  CREATE INDEX ended_tokens_expiry ON ended_tokens (expires_at_ms);
  `,
  `
  CREATE TABLE revocations (stream_id TEXT PRIMARY KEY, until_seconds INTEGER NOT NULL, number INTEGER NOT NULL);
  CREATE INDEX revocations_expiry ON revocations (until_seconds);
  CREATE INDEX revocations_number ON revocations (number);
  `,
  // Every start counts all as just seen.
  'ALTER TABLE audience RENAME COLUMN expires_at_ms TO seen_at_ms',
  'CREATE INDEX rooms_listed ON rooms (type, created_at_ms) WHERE active = 1;',
  // Lists and streams are in memory, and each entry and leave had to keep these.
  'DROP INDEX rooms_listed; DROP INDEX members_stream;',
];

/** Brings the database to the newest schema; refuses one that a newer version of this package wrote. */
export function migrate(database: Database.Database): void {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const version = row.user_version;
  if (version > migrations.length) {
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      `the room database has schema ${version}, this version knows up to ${migrations.length}: ` +
        'upgrade liteav-rtcroom, or give another database file',
    );
  }
  for (let step = version; step < migrations.length; step++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(migrations[step] as string);
      database.exec(`PRAGMA user_version = ${step + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
