import { describe, expect, it } from 'vitest';
import { createLogger, withoutQueries } from '#lib/server/logger';

function written(log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  log(
    createLogger({
      level: 'debug',
      destination: {
        write: (line) => {
          text += line;
        },
      },
    }),
  );
  return text;
}

describe('the log', () => {
  const url = 'rtmp://h:1935/live/1000_a?bizid=1000&txSecret=5ec2e7&txTime=5BD3C380';

  it.each([
    ['a field of a secret name', { token: '5ec2e7' }, 'm'],
    ['a nested field of a secret name', { query: { userSig: '5ec2e7' } }, 'm'],
    [
      'the keys of a configuration',
      { config: { adminKey: '5ec2e7', mediaPushKey: '5ec2e7', mediaPlayKey: '5ec2e7' } },
      'm',
    ],
    ['the headers of a request', { request: { headers: { authorization: 'Bearer 5ec2e7' } } }, 'm'],
    ['a URL in a field', { address: url }, 'm'],
    ['a URL in the message', {}, `cannot reach ${url}`],
    ['a path in the message', {}, 'POST /weapp/double_room/login?userID=a&token=5ec2e7 failed'],
    ['the user of a URL', {}, 'cannot reach http://user:5ec2e7@proxy:8080'],
    ['the options of a pusher', { options: { proxy: 'socks5://user:5ec2e7@proxy' } }, 'm'],
    ['a URL in an error', { err: new Error(`cannot reach ${url}`) }, 'm'],
  ])('does not hold a secret in %s', (_name, fields, message) => {
    const text = written((logger) => logger.info(fields, message));
    expect(text).not.toBe('');
    expect(text).not.toContain('5ec2e7');
  });

  it('keeps the rest of a URL', () => {
    expect(withoutQueries(`a ${url} b`)).toBe('a rtmp://h:1935/live/1000_a?… b');
  });
});
