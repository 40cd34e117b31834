import { generateKeyPairSync } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UserSigs } from '#lib/server/auth/UserSigs';
import { issueUserSig } from '#lib/server/auth/userSig';
import { ServiceUnderTest, secretKey } from '../support/server/roomClient.js';

/*
 * Made without this package: keys and signatures by OpenSSL's command (ecparam, dgst -sha256 -sign), deflated by Python's
 * zlib. The signed text is the six lines of the specification.
 */
const sdkAppID = 1_400_037_025;
const userID = 'user_1a2b3c4d_5e6f';
const time = 1_540_000_000;
const expireAfter = 2_592_000;
const secp256k1 = `-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE3ZryY4+jhe5ke/yQsZnOnClvW7dZEWJH
87XcDNKQQsJQHM67mkZKPMJ3mJwY6NXf9GJfMvLLRoHoI5RmM59Yiw==
-----END PUBLIC KEY-----
`;
const prime256v1 = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERRGWQ4SekWA5OWJEeGHebmnlT2GI
fkT0dFiy1ReTXe+hHDf8PP1UJdVu8dNFXb25celUjqiFp8TqOzcwHW/+Dg==
-----END PUBLIC KEY-----
`;
/** As the Java service makes them: zeros, with a version. */
const java = {
  publicKey: secp256k1,
  userSig:
    'eJxNzl1PgzAUgOH-wu2MObRUxGQX*zIpmXMfdou7aSptsaKMlMJA43*XERJ3*7znnJwf72W5uxVJcqpyx11bKO-BA**mZyNV7ow2ynZYlcpyX6A3nASSE3WnhylRFEZy4Ti28mq5lBnvU2d*AAA4BESGqJrCWMWFdv1tRCLUTQyxVrY0p-zi4BMfYYD-6MzX5UWfBADXXpq046cFm9HNHI7n79UhGDGJiGa5tNW2nX58TiK1Xdb6fj6i2T4z2ez9PKHptKKHeFGDrpHY4WdaNyhdNeGRxsCizTpL2aMO10i38evY*-0Ddv1bSg__',
};
/** As the Node service makes them: its own values, no version. */
const node = {
  publicKey: prime256v1,
  userSig:
    'eJxtjV1LwzAYRv-KyO1E89F0VtjFNisbrgW3oribkDWJpOvakKRsUfzvUkvBC9-L9xye8wWK7f6WG6MF454RK8DDBKAIQkhmEFNwMxmMsmy7xjMfjByMCCUj1EI2XistbY86Jy1DHB9JGQlGZaxGz4kT*0393-D6PGzTHvU3Enk12krGlR8SmCb4D3b6o-9m6ctqsy5QUOsYPk93RZqJir4l3KE6NXXVutft8hSudZKLxxLGC72sSXd3vuAnIrjCl*bTBj3L3zcHszpMVa6rfUvvfThmu2oxn4PvH8j2WG4_',
};
/** Fields with values, signed as zeros: what the Java service verifies. */
const zeros = {
  publicKey: prime256v1,
  userSig:
    'eJxtjV1PgzAYRv-K0tstUgplYuKFImbdh7N2ZnrVQFuwUwuBLgJm-31hhMQL38v3nDznF*zW7CopSy15YrlXSXAzAa4PIfTmEGEwmwyGEMXRWG7bUg2G74Yj1FIZqzOtqh4da1VxN0GpJ3zJsQqy0avlJ7*k-m9Y-T1s4x71NxLVlLpSPMnskEA4RH9wrfP*u4lfI0Ifok20enT0tt2zazj9WaT39C1f2pam3W7PWNAFq6fpl5ijLSU5EeLgNE3hNrAr0vo5Kj7E4rBcv7P4jjgvJo8JMgaHjk9vwekMsjNXdA__',
};

interface Case {
  publicKey?: string | undefined;
  userSig: string;
  userID?: string;
  sdkAppID?: number;
  nowSeconds?: number;
}

function verify({ publicKey, userSig, userID: user = userID, sdkAppID: app = sdkAppID, nowSeconds = time }: Case) {
  return new UserSigs({ sdkAppID: app, secretKey, publicKey }).verify(userSig, user, nowSeconds);
}

function inflated(userSig: string): Record<string, unknown> {
  const base64 = userSig.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '=');
  return JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString());
}

const encode = (text: string | Buffer) =>
  deflateSync(text).toString('base64').replace(/\+/g, '*').replace(/\//g, '-').replace(/=/g, '_');
/** The userSig with other fields, its signature as it was. */
const changed = (userSig: string, fields: object) => encode(JSON.stringify({ ...inflated(userSig), ...fields }));

describe.each([
  ['of the Java service', java],
  ['of the Node service', node],
  ['signed as zeros', zeros],
])('userSig version 1 %s', (_name, sample) => {
  it('is good until its last second and expired after it', async () => {
    expect(await verify(sample)).toBe('ok');
    expect(await verify({ ...sample, nowSeconds: time + expireAfter })).toBe('ok');
    expect(await verify({ ...sample, nowSeconds: time + expireAfter + 1 })).toBe('expired');
  });

  it.each([
    ['another user', { userID: 'mallory' }, 'wrongUser'],
    ['another application', { sdkAppID: sdkAppID + 1 }, 'wrongApp'],
    ['no key to check it by', { publicKey: undefined }, 'noPublicKey'],
  ])('is refused for %s', async (_case, change, verdict) => {
    expect(await verify({ ...sample, ...change })).toBe(verdict);
  });

  it('is refused by another key', async () => {
    const other = sample.publicKey === secp256k1 ? prime256v1 : secp256k1;
    expect(await verify({ ...sample, publicKey: other })).toBe('wrongSignature');
  });

  it.each([
    ['the user', { 'TLS.identifier': 'mallory' }, { userID: 'mallory' }],
    ['the application', { 'TLS.sdk_appid': '1400037026' }, { sdkAppID: 1_400_037_026 }],
    ['the time', { 'TLS.time': '1540000001' }, {}],
    ['the validity', { 'TLS.expire_after': '999999999' }, { nowSeconds: time + expireAfter + 1 }],
    ['a number written another way', { 'TLS.time': '01540000000' }, {}],
    ['the signature', { 'TLS.sig': 'MEUCIQD' }, {}],
    ['the signature, to none', { 'TLS.sig': '' }, {}],
    ['the signature, to numbers of zero', { 'TLS.sig': Buffer.from('3006020100020100', 'hex').toString('base64') }, {}],
  ])('is refused with %s changed', async (_field, fields, options) => {
    const userSig = changed(sample.userSig, fields);
    expect(await verify({ ...sample, userSig, ...options })).toBe('wrongSignature');
  });

  it.each([
    ['no user', { 'TLS.identifier': undefined }],
    ['a user that is no text', { 'TLS.identifier': {} }],
    ['an application that is no number', { 'TLS.sdk_appid': '14000x' }],
    ['a negative validity', { 'TLS.expire_after': '-1' }],
    ['a time in words', { 'TLS.time': 'now\nTLS.expire_after:9' }],
    ['a time with a fraction', { 'TLS.time': 1.5 }],
    ['no signature', { 'TLS.sig': null }],
  ])('with %s is none', async (_field, fields) => {
    expect(await verify({ ...sample, userSig: changed(sample.userSig, fields) })).toBe('undecodable');
  });

  it('cut anywhere is none', async () => {
    for (let length = 0; length < sample.userSig.length - 4; length += 7) {
      expect(await verify({ ...sample, userSig: sample.userSig.slice(0, length) })).toBe('undecodable');
    }
  });
});

describe('beside each other', () => {
  it('a bomb, and an envelope around it that is real, are inflated no further than a userSig is long', async () => {
    const bomb = { ...inflated(java.userSig), padding: 'x'.repeat(500_000) };
    expect(await verify({ ...java, userSig: encode(JSON.stringify(bomb)) })).toBe('undecodable');
    expect(await verify({ ...java, userSig: encode(Buffer.alloc(700_000)) })).toBe('undecodable');
  });

  it('versions 1 and 2 are taken, and neither for the other', async () => {
    const userSig = issueUserSig({ sdkAppID, secretKey, userID, nowSeconds: time });
    expect(await verify({ ...java, userSig })).toBe('ok');
    const asVersion2 = changed(java.userSig, { 'TLS.ver': '2.0', 'TLS.sdkappid': sdkAppID, 'TLS.expire': 9 });
    expect(await verify({ ...java, userSig: asVersion2 })).toBe('undecodable');
    const { 'TLS.ver': _, ...rest } = inflated(userSig);
    expect(await verify({ ...java, userSig: encode(JSON.stringify(rest)) })).toBe('undecodable');
  });

  it.each([
    ['no PEM', 'MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE'],
    ['empty', ''],
    ['an RSA key', rsa()],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n'],
  ])('a public key that is %s is refused at once', (_name, publicKey) => {
    expect(() => new UserSigs({ sdkAppID, secretKey, publicKey })).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });

  it('a login by version 1 gets a token, where there is a key for it', async () => {
    const query = { sdkAppID: String(sdkAppID), accountType: '14419', userID, userSig: java.userSig };
    const clock = () => time * 1000;
    for (const [more, codes] of [
      [{ userSigPublicKey: secp256k1 }, [0, 7]],
      [{ userSigPublicKey: prime256v1 }, [7, 0]],
      [{}, [7, 7]],
    ] as const) {
      const it_ = await ServiceUnderTest.start({ sdkAppID, clock, ...more });
      try {
        const login = (userSig: string) => it_.post('multi_room/login', { ...query, userSig }).then(({ json }) => json);
        const answers = [await login(java.userSig), await login(node.userSig)];
        expect(answers.map(({ code }) => code)).toEqual(codes);
        const token = answers.find(({ code }) => code === 0)?.token;
        if (token !== undefined) {
          expect((await it_.post('live_room/get_push_url', { userID, token }, {})).json.code).toBe(0);
        }
      } finally {
        await it_.close();
      }
    }
  });
});

function rsa(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return publicKey.export({ type: 'spki', format: 'pem' }) as string;
}
