import { issueUserSig } from '../auth/userSig.js';
import { isUserID, randomUserID } from '../rooms/identifiers.js';
import { ServiceCode, ServiceError, successMessage } from '../ServiceError.js';
import type { App } from './createApp.js';
import { emptyBody, loginInfoQuery } from './schemas.js';

export interface UtilityRoutesOptions {
  sdkAppID: number;
  secretKey: string;
  now: () => number;
  /** Adds `/weapp/utils/get_login_info`, which signs for any user: for development only. */
  developmentLogin: boolean;
}

/** Nobody checks the account type; clients of the 2018 scheme want a number in text. */
const accountType = '0';

export function addUtilityRoutes(app: App, options: UtilityRoutesOptions): void {
  if (!options.developmentLogin) return;

  const loginInfo = (given: string | undefined) => {
    const userID = given || randomUserID();
    if (!isUserID(userID)) {
      throw new ServiceError(ServiceCode.roomNotFound, 'userID: 1 to 32 characters A-Za-z0-9, _ and -');
    }
    const { sdkAppID, secretKey, now } = options;
    const nowSeconds = Math.floor(now() / 1000);
    const userSig = issueUserSig({ sdkAppID, secretKey, userID, nowSeconds });
    return { code: ServiceCode.ok, message: successMessage, sdkAppID, accType: accountType, userID, userSig };
  };
  const path = '/weapp/utils/get_login_info';
  app.get(path, { schema: { querystring: loginInfoQuery } }, async ({ query }) => loginInfo(query.userID));
  const withBody = { schema: { querystring: loginInfoQuery, body: emptyBody } };
  app.post(path, withBody, async ({ query }) => loginInfo(query.userID));
}
