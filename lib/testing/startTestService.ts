import { randomBytes } from 'node:crypto';
import { EmbeddedMediaServer } from '../server/media/EmbeddedMediaServer.js';
import type { MediaServer } from '../server/media/MediaServer.js';
import { defaultUrlValiditySeconds, RoomService, type RoomServiceOptions } from '../server/RoomService.js';
import type { RoomType } from '../server/store/RoomStore.js';

export interface StartTestServiceOptions extends Partial<Omit<RoomServiceOptions, 'media'>> {
  /** Started and closed with the service. Default: an EmbeddedMediaServer on free ports of 127.0.0.1. */
  media?: MediaServer;
}

/** What `RTCRoom.login` takes. */
export interface TestLoginInfo {
  serverDomain: string;
  sdkAppID: number;
  accountType: string;
  userID: string;
  userSig: string;
  userName: string;
  userAvatar: string;
}

export interface TestService extends AsyncDisposable {
  readonly service: RoomService;
  readonly media: MediaServer;
  /** Base address of a room type's methods. Default 'double_room'. */
  serverDomain(type?: RoomType): string;
  /** Everything that user needs to log in. `type` as in `serverDomain`. */
  loginInfo(userID: string, type?: RoomType): TestLoginInfo;
  /** Ends the service, then the media server. Twice is as once. */
  close(): Promise<void>;
}

/**
 * A real room service and media server on free ports of 127.0.0.1, for tests.
 *
 * @example
 * const service = await startTestService();
 * await room.login(service.loginInfo('alice'));
 * await service.close();
 */
export async function startTestService(options: StartTestServiceOptions = {}): Promise<TestService> {
  const { media: given, ...serviceOptions } = options;
  const media = given ?? new EmbeddedMediaServer({ urlValiditySeconds: defaultUrlValiditySeconds });
  const service = new RoomService({
    sdkAppID: 1_400_000_000,
    secretKey: randomBytes(32).toString('hex'),
    developmentLogin: true,
    ...serviceOptions,
    media,
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= service.close().finally(() => media.close());
    return closing;
  };
  try {
    await media.start();
    await service.listen();
  } catch (error) {
    await close();
    throw error;
  }
  const serverDomain = (type: RoomType = 'double_room') => `${service.address.url}/weapp/${type}`;
  return {
    service,
    media,
    serverDomain,
    loginInfo: (userID, type) => ({
      serverDomain: serverDomain(type),
      sdkAppID: service.sdkAppID,
      accountType: '0',
      userID,
      userSig: service.issueUserSig(userID),
      userName: userID,
      userAvatar: '',
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
