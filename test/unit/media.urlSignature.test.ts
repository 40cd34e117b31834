import { describe, expect, it } from 'vitest';
import { UrlGate } from '#lib/server/media/UrlGate';
import { signature, verifySignature } from '#lib/server/media/urlSignature';

const key = '5a65ec0fc3cd4b0b8f9a1e2d3c4b5a69';
const roomStream = '8525_room_0a1b2c3d_4e5f_user_1a2b3c4d_5e6f';

function query(streamID: string, expires: number, signingKey = key): URLSearchParams {
  return new URLSearchParams({ ...signature(signingKey, streamID, expires) });
}

describe('signature', () => {
  it.each([
    ['8525_user_1a2b3c4d_5e6f', 1540604800, '5BD3C380', 'a73d042fc9c8f887e7efef85eded3f25'],
    [roomStream, 1540604800, '5BD3C380', '9315c481c50f28c42efbfa76fc7d7dc6'],
    [roomStream, 1540604805, '5BD3C385', '01aa9597fcdabec8e63f8a10a3f2426b'],
  ])('of %s until %i is that of the original scheme', (streamID, expires, txTime, txSecret) => {
    expect(signature(key, streamID, expires)).toEqual({ txTime, txSecret });
  });

  it('writes the time in upper-case hex without padding', () => {
    expect(signature(key, 's', 1483200000).txTime).toBe('5867D600');
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d as expiry', (expires) => {
    expect(() => signature(key, 's', expires)).toThrow(RangeError);
  });
});

describe('verifySignature', () => {
  const expires = 1540604800;
  const good = query(roomStream, expires);

  it('accepts a good one until the second it expires', () => {
    expect(verifySignature(key, roomStream, good, expires - 1)).toBe('ok');
    expect(verifySignature(key, roomStream, good, expires)).toBe('expired');
  });

  it('refuses another stream, another key and a moved expiry', () => {
    expect(verifySignature(key, 'other', good, 0)).toBe('bad');
    expect(verifySignature('another', roomStream, good, 0)).toBe('bad');
    const moved = new URLSearchParams(good);
    moved.set('txTime', 'FFFFFFFF');
    expect(verifySignature(key, roomStream, moved, 0)).toBe('bad');
  });

  it('does not tell that a wrong one has expired too', () => {
    expect(verifySignature('another', roomStream, good, expires + 1)).toBe('bad');
  });

  it.each(['', 'txSecret=', 'txTime=5BD3C380', `txSecret=${good.get('txSecret')}`])('finds none in "%s"', (text) => {
    expect(verifySignature(key, roomStream, new URLSearchParams(text), 0)).toBe('missing');
  });

  it.each(['-1', '0x10', '1e9', 'FFFFFFFFFFFFF', ' 5BD3C380', 'ä'])('refuses the time "%s"', (txTime) => {
    const { txSecret } = signature(key, roomStream, expires);
    expect(verifySignature(key, roomStream, new URLSearchParams({ txSecret, txTime }), 0)).toBe('bad');
  });

  it.each(['a', 'z'.repeat(32), 'ä'.repeat(32), 'a'.repeat(33)])('refuses the secret "%s"', (txSecret) => {
    expect(verifySignature(key, roomStream, new URLSearchParams({ txSecret, txTime: '5BD3C380' }), 0)).toBe('bad');
  });
});

describe('UrlGate', () => {
  const make = (now = 1000) => new UrlGate({ pushKey: 'push', playKey: 'play', now: () => now });

  it('keeps the keys of push and play apart', () => {
    const gate = make();
    expect(gate.check('publish', 's', query('s', 2000, 'push'))).toBe('ok');
    expect(gate.check('play', 's', query('s', 2000, 'play'))).toBe('ok');
    expect(gate.check('publish', 's', query('s', 2000, 'play'))).toBe('bad');
    expect(gate.check('play', 's', query('s', 2000, 'push'))).toBe('bad');
  });

  it('refuses revoked push URLs and accepts those signed later, of that stream only', () => {
    const gate = make();
    gate.revoke('s', 2000);
    expect(gate.check('publish', 's', query('s', 1999, 'push'))).toBe('revoked');
    expect(gate.check('publish', 's', query('s', 2000, 'push'))).toBe('revoked');
    expect(gate.check('publish', 's', query('s', 2001, 'push'))).toBe('ok');
    expect(gate.check('publish', 't', query('t', 2000, 'push'))).toBe('ok');
    expect(gate.check('play', 's', query('s', 2000, 'play'))).toBe('ok');
  });

  it('never takes a revocation back by an earlier one', () => {
    const gate = make();
    gate.revoke('s', 2000);
    gate.revoke('s', 1500);
    expect(gate.check('publish', 's', query('s', 1800, 'push'))).toBe('revoked');
  });

  it('forgets what has expired and the oldest of very many', () => {
    const gate = make();
    gate.revoke('old', 1000);
    for (let i = 0; i < 100_001; i++) gate.revoke(`s${i}`, 2000);
    const names = gate.revocations.map(([streamID]) => streamID);
    expect(names).toHaveLength(100_000);
    expect(names).not.toContain('old');
    expect(names[0]).toBe('s1');
  });
});
