import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an Authorization header holds the key as `Bearer`; takes as long whatever it holds. */
export function bearerKey(key: string): (authorization: string | undefined) => boolean {
  const wanted = digest(key);
  return (authorization = '') => {
    const [, given = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    return timingSafeEqual(digest(given), wanted);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
