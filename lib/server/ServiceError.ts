/** Answer codes of the room service: those of the 2018 scheme, then our additions (12 and above, which old clients never cause). */
export const ServiceCode = {
  ok: 0,
  roomNotFound: 1,
  parameter: 2,
  notCreator: 3,
  loginParameter: 4,
  notMember: 5,
  imFailed: 6,
  auth: 7,
  /** Both meanings are the original's: roomInfo too long, or the roomID is taken. */
  roomInfoTooLongOrRoomExists: 11,
  messageEmpty: 12,
  messageTooLong: 13,
  tooManyRequests: 14,
  roomFull: 5001,
} as const;

export type ServiceCodeNumber = (typeof ServiceCode)[keyof typeof ServiceCode];

/** The text that the original service gives with code 0; some old clients compare it. */
export const successMessage = '请求成功';

/** A refusal that the client is told as HTTP 200 with `{ code, message }`. The message holds no secret. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceCodeNumber;
  /** What the answer has beside code and message. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(code: ServiceCodeNumber, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}
