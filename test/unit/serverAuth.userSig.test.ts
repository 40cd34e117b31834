import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UserSigs } from '#lib/server/auth/UserSigs';
import { issueUserSig } from '#lib/server/auth/userSig';

const key = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const example = { sdkAppID: 1_400_000_000, secretKey: key, userID: 'xiaojun', nowSeconds: 1_540_000_000 };

function verify(userSig: string, { sdkAppID, secretKey, userID, nowSeconds }: typeof example) {
  return new UserSigs({ sdkAppID, secretKey }).verify(userSig, userID, nowSeconds);
}

/** The worked example of the public documentation, deflated by another zlib than Node's. */
const published =
  'eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwhWZiflZpXlQqeKU7MSCgswUJStDEwMogMiUZOamAkVNTVBEUysKMovA4qamRnDR4sx0oMkBJeHGxQEBRuUpLpY*gRblrkWm2sluKeHOQSGGBUWGWZ4ZBpWV6U5*la6Btkq1AJUlMeg_';

const encode = (text: string | Buffer) =>
  deflateSync(text).toString('base64').replace(/\+/g, '*').replace(/\//g, '-').replace(/=/g, '_');

function inflated(userSig: string) {
  const base64 = userSig.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '=');
  return JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString());
}

describe('userSig version 2', () => {
  it('verifies the published example', async () => {
    expect(await verify(published, example)).toBe('ok');
  });

  it('issues what the published example says, field by field', async () => {
    const issued = issueUserSig({ ...example, expireSeconds: 15_552_000 });
    expect(inflated(issued)).toEqual(inflated(published));
    expect(inflated(issued)['TLS.sig']).toBe('PtW3sPP2wdD9LQ8wEr5+cFdWCRT1pr1jIh0yygBNyEQ=');
    expect(issued).toMatch(/^[A-Za-z0-9*_-]+$/);
  });

  it('is good until its last second and expired after it', async () => {
    const at = (nowSeconds: number) => verify(published, { ...example, nowSeconds });
    expect(await at(1_540_000_000 + 15_552_000)).toBe('ok');
    expect(await at(1_540_000_000 + 15_552_001)).toBe('expired');
  });

  it.each([
    ['another key', { secretKey: `${key}0` }, 'wrongSignature'],
    ['another user', { userID: 'xiaojunn' }, 'wrongUser'],
    ['another application', { sdkAppID: 1_400_000_001 }, 'wrongApp'],
  ])('refuses %s', async (_name, change, verdict) => {
    expect(await verify(published, { ...example, ...change })).toBe(verdict);
  });

  it('refuses a changed field', async () => {
    const changed = { ...inflated(published), 'TLS.identifier': 'mallory' };
    expect(await verify(encode(JSON.stringify(changed)), { ...example, userID: 'mallory' })).toBe('wrongSignature');
  });

  it.each([
    ['empty', ''],
    ['not base64', 'ä'.repeat(20)],
    ['not deflated', 'AAAA'],
    ['cut', published.slice(0, 100)],
    ['not JSON', encode('hello')],
    ['JSON of another shape', encode('[1]')],
    ['null', encode('null')],
    ['times as text', encode(JSON.stringify({ ...inflated(published), 'TLS.time': '1540000000' }))],
    ['another version', encode(JSON.stringify({ ...inflated(published), 'TLS.ver': '201512300000' }))],
    ['a deflate bomb', encode(Buffer.alloc(500_000))],
    ['a very long text', 'A'.repeat(100_000)],
  ])('calls %s undecodable', async (_name, userSig) => {
    expect(await verify(userSig, example)).toBe('undecodable');
  });
});
