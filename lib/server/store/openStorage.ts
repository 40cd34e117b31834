import { RtcError } from '../../errors.js';
import { LocalMailboxes } from '../im/LocalMailboxes.js';
import { type Mailboxes, mailboxLimits, type SentMessage } from '../im/Mailboxes.js';
import { RedisMailboxes } from '../im/RedisMailboxes.js';
import { RedisSendLimits } from '../im/RedisSendLimits.js';
import { LocalSendLimits, type SendLimits, type SendRates } from '../im/SendLimits.js';
import type { Logger } from '../logger.js';
import { RedisConnection } from './RedisConnection.js';
import { RedisRoomStore } from './RedisRoomStore.js';
import type { RoomStore } from './RoomStore.js';
import { SqliteRoomStore } from './SqliteRoomStore.js';

export interface OpenStorageOptions {
  database: string | undefined;
  redis: string | undefined;
  redisKeyPrefix: string | undefined;
  sendRates: SendRates;
  now: () => number;
  logger: Logger;
  /** Called when notices may have been lost: a process that did not end by itself, or Redis, was away. */
  onInterrupted: () => void;
}

/** Where the service keeps what outlives a process. */
export interface Storage {
  store: RoomStore;
  mailboxes: Mailboxes;
  /** Messages that an earlier process accepted. */
  sent: readonly SentMessage[];
  sendLimits: SendLimits;
  /** The connection to Redis, where that is the store. */
  redis: RedisConnection | undefined;
  /** Resolves when it can be used; rejects with `ERR_RTC_STORE_UNAVAILABLE`. */
  ready: () => Promise<void>;
  close: () => Promise<void>;
}

/** Opens what the options name. Throws `ERR_RTC_INVALID_ARGUMENT`. */
export function openStorage(options: OpenStorageOptions): Storage {
  const { database, redis, redisKeyPrefix, now } = options;
  if (redis === undefined) {
    if (redisKeyPrefix === undefined) return openSqlite(database ?? ':memory:', options);
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'redisKeyPrefix: give the address of a Redis as well, or neither');
  }
  if (database !== undefined && database !== ':memory:') {
    throw new RtcError('ERR_RTC_INVALID_ARGUMENT', 'give either a database file or a Redis, not both');
  }
  const { logger, onInterrupted, sendRates } = options;
  const connection = new RedisConnection({ url: redis, keyPrefix: redisKeyPrefix ?? 'rtcroom:', logger });
  const store = new RedisRoomStore({ connection, now, onInterrupted });
  return {
    store,
    mailboxes: new RedisMailboxes({ ...mailboxLimits, connection, logger, now }),
    sent: [],
    sendLimits: new RedisSendLimits(connection, sendRates, now),
    redis: connection,
    ready: () => connection.ready(),
    close: async () => {
      await store.close();
      connection.close();
    },
  };
}

function openSqlite(path: string, { now, onInterrupted, sendRates }: OpenStorageOptions): Storage {
  const store = new SqliteRoomStore({ path, now });
  const { messages } = store;
  return {
    store,
    mailboxes: new LocalMailboxes({ ...mailboxLimits, now }, messages),
    sent: messages?.sent() ?? [],
    sendLimits: new LocalSendLimits(sendRates, now),
    redis: undefined,
    ready: async () => {
      if (messages?.isComplete === false) onInterrupted();
    },
    close: () => store.close(),
  };
}
