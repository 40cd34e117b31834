import { issueUserSig } from '#lib/server/auth/userSig';
import { type StartTestServiceOptions, startTestService, type TestService } from '#lib/testing/index';
import { onLinux } from './linuxHost.js';

interface LinuxService {
  url: string;
  sdkAppID: number;
  secretKey: string;
}

export type ServiceForTest = Pick<TestService, 'serverDomain' | 'loginInfo' | 'close'>;

/** A room service with its media server, in this process; where RTCROOM_SERVICES is 'linux', on the Linux side. */
export async function startServiceForTest(options: StartTestServiceOptions = {}): Promise<ServiceForTest> {
  const remote = process.env.RTCROOM_SERVICES === 'linux';
  const linux = remote ? await onLinux<LinuxService>('service', options) : undefined;
  if (!linux) return startTestService(options);
  const { url, sdkAppID, secretKey, close } = linux;
  const serverDomain: TestService['serverDomain'] = (type = 'double_room') => `${url}/weapp/${type}`;
  return {
    serverDomain,
    loginInfo: (userID, type) => ({
      serverDomain: serverDomain(type),
      sdkAppID,
      accountType: '0',
      userID,
      userSig: issueUserSig({ sdkAppID, secretKey, userID }),
      userName: userID,
      userAvatar: '',
    }),
    close,
  };
}
