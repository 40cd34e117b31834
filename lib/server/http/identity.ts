import type { Tokens } from '../auth/Tokens.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import { after, type Soon } from '../store/soon.js';
import type { IdentityQuery } from './schemas.js';

/**
 * Who calls: from the token alone. A body that names another user is refused with code 7, because the original
 * trusted it and so let anybody act for anybody. An absent or empty one is as good as the right one.
 */
export function authenticate(tokens: Tokens, query: IdentityQuery, bodyUserID?: string): Soon<string> {
  return after(tokens.check(query.userID, query.token), () => userOf(query, bodyUserID));
}

/**
 * What `read` finds, for who is allowed to have it. Where it takes time to know who calls, both are asked for at once: what was
 * read is thrown away when the caller is refused. So `read` must change nothing.
 */
export function readFor<T>(caller: Soon<unknown>, read: () => Soon<T>): Soon<T> {
  if (!(caller instanceof Promise)) return read();
  const reading = (async () => read())();
  // Told to the caller, if it gets so far.
  reading.catch(() => {});
  return caller.then(() => reading);
}

function userOf(query: IdentityQuery, bodyUserID: string | undefined): string {
  if (bodyUserID && bodyUserID !== query.userID) {
    throw new ServiceError(ServiceCode.auth, 'the userID of the body is not that of the token');
  }
  return query.userID;
}
