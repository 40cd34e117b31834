import { issueUserSig } from '../auth/userSig.js';
import { isUserID, randomTestStreamID, randomUserID } from '../rooms/identifiers.js';
import type { StreamUrls } from '../rooms/StreamUrls.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { App } from './createApp.js';
import { emptyBody, loginInfoQuery } from './schemas.js';
import { success } from './success.js';

export interface UtilityRoutesOptions {
  sdkAppID: number;
  secretKey: string;
  urls: StreamUrls;
  now: () => number;
  /** Adds `/weapp/utils/get_login_info`, which signs for any user: for development only. */
  developmentLogin: boolean;
  /** Adds get_test_pushurl and get_test_rtmpaccurl, which give anybody a signed address. */
  testUrls: boolean;
}

/** Nobody checks the account type; clients of the 2018 scheme want a number in text. */
const accountType = '0';

/** Whoever logs in by that userID and pushes is what get_test_rtmpaccurl plays. */
const testClockUserID = 'testclock_rtmpacc';

export function addUtilityRoutes(app: App, options: UtilityRoutesOptions): void {
  if (options.testUrls) addTestUrlRoutes(app, options);
  if (options.developmentLogin) addLoginInfoRoutes(app, options);
}

/** Not in the usual envelope: the original's have no code and message. */
function addTestUrlRoutes(app: App, { urls, now }: UtilityRoutesOptions): void {
  app.get('/weapp/utils/get_test_pushurl', async () => {
    const streamID = urls.streamID(randomTestStreamID());
    const playURL = urls.playUrl(streamID, now());
    return {
      url_push: await urls.pushUrl(streamID),
      url_play_flv: urls.flvUrl(streamID, now()),
      url_play_rtmp: playURL,
      // There is no HLS: an address that cannot be played would be worse than none.
      url_play_hls: '',
      url_play_acc: playURL,
    };
  });
  app.get('/weapp/utils/get_test_rtmpaccurl', async () => ({
    url_rtmpacc: urls.playUrl(urls.streamID(testClockUserID), now()),
  }));
}

function addLoginInfoRoutes(app: App, options: UtilityRoutesOptions): void {
  const loginInfo = (given: string | undefined) => {
    const userID = given || randomUserID();
    if (!isUserID(userID)) {
      throw new ServiceError(ServiceCode.roomNotFound, 'userID: 1 to 32 characters A-Za-z0-9, _ and -');
    }
    const { sdkAppID, secretKey, now } = options;
    const nowSeconds = Math.floor(now() / 1000);
    const userSig = issueUserSig({ sdkAppID, secretKey, userID, nowSeconds });
    return { ...success, sdkAppID, accType: accountType, userID, userSig };
  };
  const path = '/weapp/utils/get_login_info';
  // The original has one code for all that goes wrong here.
  const config = { parameterCode: ServiceCode.roomNotFound };
  app.get(path, { schema: { querystring: loginInfoQuery }, config }, async ({ query }) => loginInfo(query.userID));
  const withBody = { schema: { querystring: loginInfoQuery, body: emptyBody }, config };
  app.post(path, withBody, async ({ query }) => loginInfo(query.userID));
}
