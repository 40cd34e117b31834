/** What an operation does and answers, for the OpenAPI document; keyed by the last part of its path, or by the whole. */
export interface OperationText {
  summary: string;
  /** Fields of an answer of code 0 beside `code` and `message`. */
  fields?: Readonly<Record<string, object>>;
}

const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const listOf = (items: object) => ({ type: 'array', items });
const record = (properties: Record<string, object>) => ({ type: 'object', properties });

const pusher = record({
  userID: text,
  userName: text,
  userAvatar: text,
  accelerateURL: { ...text, description: 'signed address that the member is played from' },
  epoch: { ...integer, description: 'new for each join' },
});

const roomFields = {
  roomID: text,
  roomInfo: text,
  roomCreator: { ...text, description: 'the first who entered; empty before' },
  mixedPlayURL: { ...text, description: "HTTP-FLV address of the creator's stream" },
  version: { ...integer, description: 'grows with every change of the member list' },
  pushers: listOf(pusher),
};

const probe = record({ ok: { type: 'boolean' }, ms: { type: 'number' }, cause: text });

const adminMember = record({
  userID: text,
  userName: text,
  epoch: integer,
  streamID: text,
  publishing: { type: 'boolean', description: 'the media server has a publisher of the stream' },
  joinedAt: { ...text, format: 'date-time' },
  lastBeatAt: { ...text, format: 'date-time' },
});

const adminRoom = {
  type: text,
  roomID: text,
  roomInfo: text,
  creator: text,
  createdBy: text,
  createdAt: { ...text, format: 'date-time' },
  active: { type: 'boolean', description: 'somebody has entered' },
  version: integer,
  memberCount: integer,
};

/** A method that is not there makes a test fail: every operation is described. */
export const operationTexts: Readonly<Record<string, OperationText>> = {
  login: {
    summary: 'Checks a userSig and issues the token that other calls need',
    fields: { userID: text, token: text },
  },
  logout: { summary: 'Revokes the token and ends the event stream' },
  get_push_url: { summary: 'A signed address to push to', fields: { pushURL: text } },
  get_room_list: {
    summary: 'Rooms with at least one member; rooms is null with a refusal',
    fields: { rooms: { type: ['array', 'null'], items: record(roomFields) } },
  },
  get_pushers: { summary: 'A room with its members', fields: roomFields },
  create_room: { summary: 'Makes a room that is removed unless somebody enters it in time', fields: { roomID: text } },
  destroy_room: { summary: 'Ends a room for everybody; for its creator' },
  add_pusher: {
    summary: 'Takes a seat in a room, or refreshes the one that the caller has',
    fields: {
      roomID: { ...text, description: 'empty unless the room had to be made' },
      version: integer,
      epoch: integer,
    },
  },
  delete_pusher: { summary: 'Gives the seat back' },
  pusher_heartbeat: {
    summary: 'Keeps the seat; a member without heartbeats is removed',
    fields: {
      epoch: { ...integer, description: "of the caller's seat, as add_pusher gave it" },
      version: { ...integer, description: 'of the room: a newer one than that of the last get_pushers wants another' },
    },
  },
  merge_stream: {
    summary: 'Mixes the streams of a room into one',
    fields: { result: record({ code: integer, message: text, timestamp: integer }) },
  },
  get_custom_info: { summary: 'The counters of a room, as JSON in a text', fields: { customInfo: text, custom: text } },
  set_custom_field: { summary: 'Counts a field of a room up or down' },
  add_audience: { summary: 'Enters a room as a listener' },
  delete_audience: { summary: 'Leaves a room as a listener' },
  get_audiences: {
    summary: 'The listeners of a room',
    fields: { audienceCount: integer, audiences: listOf(record({ userID: text, userInfo: text })) },
  },
  get_login_info: {
    summary: 'A userSig for any user, without asking who calls: only where development is on',
    fields: { sdkAppID: integer, accType: text, userID: text, userSig: text },
  },
  get_test_pushurl: { summary: 'Addresses of a stream to try the network with' },
  get_test_rtmpaccurl: { summary: 'The low-latency address of the test stream' },
  events: { summary: 'Notices and messages as server-sent events; Last-Event-ID resumes a cut stream' },
  send: {
    summary: 'Sends a message to a room or a user; the same msgID is delivered once',
    fields: { time: { ...integer, description: 'of acceptance, ms since 1970' } },
  },
  '/healthz': { summary: 'Answers while the process lives', fields: { status: text } },
  '/readyz': {
    summary:
      'Whether store and media server work, just probed; 503 with the cause when one does not, or while the service ends',
    fields: { status: text, checks: record({ store: probe, media: probe }) },
  },
  '/metrics': { summary: 'Figures in the text format of Prometheus' },
  'GET /admin/rooms': {
    summary: 'Rooms with at least one member, oldest first, a page at a time',
    fields: {
      rooms: listOf(record(adminRoom)),
      next: { type: ['integer', 'null'], description: 'index of the next page' },
    },
  },
  'GET /admin/rooms/{type}/{roomID}': {
    summary: 'A room with its members, also one that nobody has entered yet',
    fields: { ...adminRoom, members: listOf(adminMember) },
  },
  'DELETE /admin/rooms/{type}/{roomID}': { summary: 'Ends a room: members are told, streams are cut' },
  'DELETE /admin/rooms/{type}/{roomID}/members/{userID}': {
    summary:
      'Expels a member: stream cut, the others are told, and with logout its token ends too, so that it stays out',
  },
};
