/** JSON Schema of an option's value, in the few forms that a flag and an environment variable can be read by. */
export type OptionSchema =
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'string'; readonly enum: readonly string[] }
  | { readonly type: 'string'; readonly minLength: number; readonly maxLength: number; readonly pattern?: string }
  | {
      readonly type: 'array';
      readonly maxItems: number;
      readonly items: {
        readonly type: 'string';
        readonly minLength: number;
        readonly maxLength: number;
        readonly pattern?: string;
      };
    };

export interface ConfigOption {
  readonly group: 'Addresses' | 'Rooms' | 'Limits' | 'Media server' | "Tencent's IM" | 'Operation';
  readonly schema: OptionSchema;
  /** Absent where the option may be left out altogether. */
  readonly default?: string | number | boolean | readonly string[];
  readonly unit?: string;
  readonly about: string;
  /** What a text with a pattern has to be, in words. */
  readonly form?: string;
  /** Never printed, logged or repeated in an error. */
  readonly secret?: true;
}

const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const;
const name = { type: 'string', minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9.:_-]+$' } as const;
const anyKey = { type: 'string', minLength: 16, maxLength: 512 } as const;
/** One that can stand in a header. */
const key = { type: 'string', minLength: 16, maxLength: 512, pattern: '^[\\x21-\\x7e]+$' } as const;
const count = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum }) as const;
/** The longest wait that a timer of Node.js takes. */
const longest = 2_147_483_647;

/**
 * Every option of `rtcroom serve`, some of them of `rtcroom media`. Names in a file are these; environment variables and
 * flags are made of them (see `optionNames`), and so are the help, the checks and the table in docs/room-service.md.
 */
export const configOptions = {
  host: {
    group: 'Addresses',
    schema: name,
    default: '127.0.0.1',
    form: 'an address or host name',
    about: 'address to listen on, for rooms and, unless mediaHost says otherwise, for media',
  },
  port: { group: 'Addresses', schema: port, default: 5757, about: 'port of the room service; 0 takes a free one' },
  mediaHost: {
    group: 'Addresses',
    schema: name,
    form: 'an address or host name',
    about:
      'address that the media server listens on, where it is another one: behind a proxy rooms need only 127.0.0.1',
  },
  publicHost: {
    group: 'Addresses',
    schema: name,
    form: 'an address or host name',
    about: 'host in the stream addresses that clients get; needed where the media server listens on every address',
  },
  rtmpPort: { group: 'Addresses', schema: port, default: 1935, about: 'port of the media server; 0 takes a free one' },
  httpFlvPort: { group: 'Addresses', schema: port, default: 8935, about: 'HTTP-FLV port; 0 takes a free one' },
  publicRtmpUrl: {
    group: 'Addresses',
    schema: { type: 'string', minLength: 8, maxLength: 512, pattern: '^rtmps?://[^/?#@\\s]+/live$' },
    form: 'an address like rtmps://media.example.com/live',
    about: 'address that clients push to and play from, where a proxy stands before the media server',
  },
  publicHttpFlvUrl: {
    group: 'Addresses',
    schema: { type: 'string', minLength: 8, maxLength: 512, pattern: '^https?://[^/?#@\\s]+(/[^?#\\s]*)?/live$' },
    form: 'an address like https://rooms.example.com/live',
    about: 'the same for HTTP-FLV',
  },
  database: {
    group: 'Rooms',
    schema: { type: 'string', minLength: 1, maxLength: 4096 },
    default: ':memory:',
    about: 'SQLite file that survives a restart; :memory: keeps nothing',
  },
  redis: {
    group: 'Rooms',
    schema: { type: 'string', minLength: 9, maxLength: 4096, pattern: '^rediss?://[^\\s]+$' },
    form: 'an address like redis://user:password@host:6379/0',
    secret: true,
    about: 'Redis or Valkey in place of the database, which several services share; rediss:// is TLS',
  },
  redisKeyPrefix: {
    group: 'Rooms',
    schema: { type: 'string', minLength: 1, maxLength: 128 },
    about: 'begins every key in that Redis; rtcroom: where nothing is given',
  },
  sdkAppID: {
    group: 'Rooms',
    schema: count(1, 4_294_967_295),
    default: 1_400_000_000,
    about: 'application id of the userSigs',
  },
  secretKey: {
    group: 'Rooms',
    schema: anyKey,
    form: 'a text of at least 16 characters',
    secret: true,
    about: 'key of the userSigs; keep it off the command line, where others see it',
  },
  userSigPublicKey: {
    group: 'Rooms',
    schema: { type: 'string', minLength: 64, maxLength: 4096 },
    form: 'the text of a PEM file, not its path',
    about: 'public key of userSigs of version 1, from the deployment of 2018; without it they are refused',
  },
  bizid: {
    group: 'Rooms',
    schema: { type: 'string', minLength: 1, maxLength: 16, pattern: '^[A-Za-z0-9]+$' },
    default: '1000',
    form: '1 to 16 letters or digits',
    about: 'first part of every stream id',
  },
  maxMembers: {
    group: 'Rooms',
    schema: count(2, 1000),
    default: 4,
    unit: 'seats',
    about: 'seats of a multi_room',
  },
  maxLivePushers: {
    group: 'Rooms',
    schema: count(1, 1000),
    default: 4,
    unit: 'seats',
    about: 'seats of a live_room',
  },
  maxAudience: {
    group: 'Rooms',
    schema: count(1, 100_000),
    default: 30,
    unit: 'users',
    about: 'listeners of a live_room',
  },
  audienceTimeoutMs: {
    group: 'Rooms',
    schema: count(60_000, longest),
    default: 300_000,
    unit: 'ms',
    about: 'a listener without an open event stream is out that long after its last request',
  },
  creatorLeaveDissolves: {
    group: 'Rooms',
    schema: { type: 'boolean' },
    default: true,
    about: "the creator's leaving ends the room",
  },
  createMissingRooms: {
    group: 'Rooms',
    schema: { type: 'boolean' },
    default: false,
    about: 'add_pusher to an unknown room makes it, as the 2018 server did',
  },
  heartbeatTimeoutMs: {
    group: 'Rooms',
    schema: count(8000, longest),
    default: 20_000,
    unit: 'ms',
    about: 'a member without a heartbeat for that long is removed; clients beat every 5 s, old ones every 7 s',
  },
  sweepIntervalMs: {
    group: 'Rooms',
    schema: count(100, longest),
    default: 5000,
    unit: 'ms',
    about: 'how often expiry is looked at',
  },
  pendingRoomTimeoutMs: {
    group: 'Rooms',
    schema: count(1000, longest),
    default: 30_000,
    unit: 'ms',
    about: 'a room that nobody enters is removed after that',
  },
  tokenTtlMs: {
    group: 'Rooms',
    schema: count(60_000, 31_536_000_000),
    default: 86_400_000,
    unit: 'ms',
    about: 'life of a token after its last use',
  },
  urlValiditySeconds: {
    group: 'Rooms',
    schema: count(60, 31_536_000),
    default: 604_800,
    unit: 's',
    about: 'how long push and play addresses are good for',
  },
  development: {
    group: 'Rooms',
    schema: { type: 'boolean' },
    default: false,
    about: 'makes a secret key where there is none, and signs for anybody at utils/get_login_info',
  },
  testUrls: {
    group: 'Rooms',
    schema: { type: 'boolean' },
    default: false,
    about: 'gives anybody signed addresses at utils/get_test_pushurl and get_test_rtmpaccurl, to try a network with',
  },
  bodyLimit: {
    group: 'Limits',
    schema: count(4096, 16_777_216),
    default: 131_072,
    unit: 'bytes',
    about: 'largest request body',
  },
  requestTimeoutMs: {
    group: 'Limits',
    schema: count(100, 600_000),
    default: 10_000,
    unit: 'ms',
    about: 'a request that is not complete by then is ended',
  },
  maxConnections: {
    group: 'Limits',
    schema: count(1, 1_000_000),
    default: 20_000,
    unit: 'connections',
    about: 'connections to the room service, event streams among them; it needs as many file descriptors and some more',
  },
  loginsPerMinute: {
    group: 'Limits',
    schema: count(0, 1_000_000),
    default: 600,
    unit: 'requests a minute',
    about: 'refused logins, and calls of get_login_info, from an address (of IPv6: a /64 network); 0 is no limit',
  },
  requestsPerMinute: {
    group: 'Limits',
    schema: count(0, 1_000_000),
    default: 600,
    unit: 'requests a minute',
    about: 'calls of a user from an address; 0 is no limit',
  },
  sendRatePerSecond: {
    group: 'Limits',
    schema: count(1, 100_000),
    default: 20,
    unit: 'messages/s',
    about: 'messages that a user may send, twice as many at once',
  },
  roomRatePerSecond: {
    group: 'Limits',
    schema: count(1, 100_000),
    default: 100,
    unit: 'messages/s',
    about: 'messages that all users together may send to a room, twice as many at once',
  },
  pingIntervalMs: {
    group: 'Limits',
    schema: count(1000, 40_000),
    default: 15_000,
    unit: 'ms',
    about: 'sign of life on every event stream; clients give one up after 45 s of silence',
  },
  maxStreamBufferBytes: {
    group: 'Limits',
    schema: count(16_384, 1_073_741_824),
    default: 1_048_576,
    unit: 'bytes',
    about: "unsent bytes at which an event stream's reader is cut, to resume when it can",
  },
  mediaServer: {
    group: 'Media server',
    schema: { type: 'string', enum: ['embedded', 'shared', 'external'] },
    default: 'embedded',
    about:
      'one of its own (embedded), that of rtcroom media or of another rtcroom serve (shared), or a foreign one that only checks addresses (external)',
  },
  mediaPushKey: {
    group: 'Media server',
    schema: anyKey,
    form: 'a text of at least 16 characters',
    secret: true,
    about:
      'key that push addresses are signed by; a random one, which ends all addresses with a restart, where it is not given',
  },
  mediaPlayKey: {
    group: 'Media server',
    schema: anyKey,
    form: 'a text of at least 16 characters',
    secret: true,
    about: 'the same of play addresses, another one',
  },
  mediaMaxConnections: {
    group: 'Media server',
    schema: count(1, 100_000),
    default: 1000,
    unit: 'connections',
    about: 'publishers and players together',
  },
  mediaMaxMemoryMb: {
    group: 'Media server',
    schema: count(96, 1_048_576),
    default: 512,
    unit: 'MB',
    about: 'resident memory at which the media server restarts',
  },
  mediaControlKey: {
    group: 'Media server',
    schema: key,
    form: 'at least 16 printable characters without spaces',
    secret: true,
    about: 'key by which other services use this media server, or this service that of mediaControlUrl',
  },
  mediaControlUrl: {
    group: 'Media server',
    schema: { type: 'string', minLength: 8, maxLength: 512, pattern: '^https?://[^/?#@\\s]+(/[^?#\\s]*)?$' },
    form: 'an address like http://media.internal:5758',
    about: 'where a shared media server is controlled; https:// or a private network, for the key goes with every call',
  },
  mediaControlHost: {
    group: 'Media server',
    schema: name,
    default: '127.0.0.1',
    form: 'an address or host name',
    about: 'address on which the own media server is controlled by other services, where there is a mediaControlKey',
  },
  mediaControlPort: {
    group: 'Media server',
    schema: port,
    default: 5758,
    about: 'port of the same; 0 takes a free one',
  },
  tencentIm: {
    group: "Tencent's IM",
    schema: { type: 'boolean' },
    default: false,
    about: "makes a group at Tencent's IM for every room, in the application sdkAppID with the key secretKey",
  },
  tencentImUrl: {
    group: "Tencent's IM",
    schema: {
      type: 'string',
      minLength: 8,
      maxLength: 512,
      pattern: '^(https://[^/?#@\\s]+|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]+)?)/?$',
    },
    default: 'https://console.tim.qq.com',
    form: 'an address without a path, https:// unless it is of this machine',
    about: 'data centre of the application: this one is China, https://adminapisgp.im.qcloud.com is Singapore',
  },
  tencentImAdmin: {
    group: "Tencent's IM",
    schema: { type: 'string', minLength: 1, maxLength: 32, pattern: '^[A-Za-z0-9_-]+$' },
    default: 'admin',
    form: '1 to 32 characters A-Za-z0-9, _ and -',
    about: 'administrator account of the application, which owns the groups',
  },
  tencentImNotices: {
    group: "Tencent's IM",
    schema: { type: 'string', enum: ['auto', 'system', 'message'] },
    default: 'auto',
    about: 'send_group_system_notification (system), send_group_msg (message), or the second where the first is closed',
  },
  tencentImCallsPerSecond: {
    group: "Tencent's IM",
    schema: count(1, 100_000),
    default: 100,
    unit: 'calls/s',
    about: 'calls of this process, all together; the default plan allows 200 of each kind',
  },
  tencentImMaxQueued: {
    group: "Tencent's IM",
    schema: count(1, 10_000_000),
    default: 20_000,
    unit: 'calls',
    about: 'calls that may wait; beyond it notices are left out and rooms refused by code 6',
  },
  tencentImTimeoutMs: {
    group: "Tencent's IM",
    schema: count(100, 60_000),
    default: 5000,
    unit: 'ms',
    about: 'until a call must be answered',
  },
  adminKey: {
    group: 'Operation',
    schema: key,
    form: 'at least 16 printable characters without spaces',
    secret: true,
    about: 'key of the admin API; without one there is none',
  },
  allowOrigin: {
    group: 'Operation',
    schema: {
      type: 'array',
      maxItems: 100,
      items: { type: 'string', minLength: 1, maxLength: 512, pattern: '^(\\*|https?://[^/?#@\\s]+)$' },
    },
    default: ['*'],
    form: '"*" alone or origins like https://app.example.com',
    about: 'origins whose pages may call the service',
  },
  trustedProxies: {
    group: 'Operation',
    schema: {
      type: 'array',
      maxItems: 100,
      items: {
        type: 'string',
        minLength: 1,
        maxLength: 64,
        pattern: '^(loopback|linklocal|uniquelocal|[0-9a-fA-F.:]+(/[0-9]{1,3})?)$',
      },
    },
    default: ['loopback'],
    form: 'addresses, networks like 10.0.0.0/8, or the words loopback, linklocal, uniquelocal',
    about: 'proxies whose X-Forwarded-For tells the address of a client',
  },
  shutdownDelayMs: {
    group: 'Operation',
    schema: count(0, 600_000),
    default: 0,
    unit: 'ms',
    about: 'after SIGTERM, how long to go on while /readyz says no, so that a balancer looks elsewhere',
  },
  shutdownGraceMs: {
    group: 'Operation',
    schema: count(0, 600_000),
    default: 5000,
    unit: 'ms',
    about: 'then, how long requests under way may take to end',
  },
  logLevel: {
    group: 'Operation',
    schema: { type: 'string', enum: ['debug', 'info', 'warn', 'error', 'silent'] },
    default: 'info',
    about: 'least level logged, as lines of JSON on standard error',
  },
} as const satisfies Record<string, ConfigOption>;

export type OptionName = keyof typeof configOptions;

type ValueOf<Schema> = Schema extends { type: 'integer' }
  ? number
  : Schema extends { type: 'boolean' }
    ? boolean
    : Schema extends { enum: readonly (infer Word)[] }
      ? Word
      : Schema extends { type: 'array' }
        ? readonly string[]
        : string;

type WithDefault = {
  [Name in OptionName]: (typeof configOptions)[Name] extends { default: unknown } ? Name : never;
}[OptionName];

/** What `rtcroom serve` runs with: an option without default is absent where nobody gave it. */
export type ServeConfig = {
  readonly [Name in WithDefault]: ValueOf<(typeof configOptions)[Name]['schema']>;
} & {
  readonly [Name in Exclude<OptionName, WithDefault>]?: ValueOf<(typeof configOptions)[Name]['schema']>;
};

export const optionNames = Object.keys(configOptions) as OptionName[];

/** Those of `rtcroom media`, which has no rooms; a file may hold the others as well. */
export const mediaOptionNames = [
  ...(['host', 'mediaHost', 'rtmpPort', 'httpFlvPort'] as const),
  ...(['mediaPushKey', 'mediaPlayKey', 'mediaMaxConnections', 'mediaMaxMemoryMb'] as const),
  ...(['mediaControlKey', 'mediaControlHost', 'mediaControlPort'] as const),
  ...(['shutdownDelayMs', 'logLevel'] as const),
] as const satisfies readonly OptionName[];

/** The same with all of a `ConfigOption`'s fields. */
export function optionOf(name: OptionName): ConfigOption {
  return configOptions[name];
}

function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z]+)/g, '$1 $2')
    .toLowerCase()
    .split(' ');
}

/** `RTCROOM_RTMP_PORT` of `rtmpPort`. */
export function environmentName(name: OptionName): string {
  return `RTCROOM_${words(name).join('_').toUpperCase()}`;
}

/** `--rtmp-port` of `rtmpPort`. */
export function flagName(name: OptionName): string {
  return `--${words(name).join('-')}`;
}

/** In words, what an option's value has to be. */
export function allowedValues(name: OptionName): string {
  const { schema, form, unit } = optionOf(name);
  if (schema.type === 'integer') {
    return `an integer from ${schema.minimum} to ${schema.maximum}${unit === undefined ? '' : ` (${unit})`}`;
  }
  if (schema.type === 'boolean') return 'true or false';
  if ('enum' in schema) return `one of ${schema.enum.join(', ')}`;
  return schema.type === 'array' ? `a list of ${form}` : (form ?? 'a text that is not empty');
}
