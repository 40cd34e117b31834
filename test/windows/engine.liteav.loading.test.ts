import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { runChild } from '../support/live/child.js';
import { StandinLog, standin, standinFolder } from './support/standin.js';

interface Outcome {
  value?: { name: string; version: string; library?: string };
  code?: string;
  message?: string;
  stack?: string;
}

interface Request {
  engine: EngineChoice;
  make?: 'pusher' | 'player';
  /** A method of what is made, and its arguments. */
  call?: string[];
}

async function load(request: Request, env: Record<string, string> = {}) {
  const result = await runChild('../../windows/support/loadingScenario.mjs', { args: [JSON.stringify(request)], env });
  expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
    code: 0,
    signal: null,
    stderr: '',
  });
  return JSON.parse(result.stdout.split('ready\n')[1] ?? '') as { first: Outcome; again: Outcome; made?: Outcome };
}

const r3 = '12.2.0.1';
const url = 'rtmp://127.0.0.1/live/x';

describe('an SDK that can be used', () => {
  it.each([
    ['v2-r2', '11.9.1.1'],
    ['v2-r3', r3],
    ['v2-r4', '13.4.2.1'],
    ['itx', '8.4.0.1'],
    ['with-sibling', r3],
    ['with spaces 腾讯 直播', r3],
  ])('%s is loaded and tells its version', async (variant, version) => {
    const { first, again } = await load({ engine: standin(variant) });
    expect(first.value).toEqual({
      name: 'liteav',
      version: expect.stringContaining(version),
      library: expect.stringMatching(/liteav\.dll$/i),
    });
    expect(again).toEqual(first);
  });

  const named: [string, EngineChoice, Record<string, string>][] = [
    ['its file', { name: 'liteav', sdkPath: join(standinFolder('v2-r3'), 'liteav.dll') }, {}],
    ['LITEAV_SDK_DIR', 'liteav', { LITEAV_SDK_DIR: standinFolder('v2-r3') }],
    ["LITEAV_SDK_DIR and the choice 'auto'", 'auto', { LITEAV_SDK_DIR: standinFolder('with spaces 腾讯 直播') }],
  ];
  it.each(named)('is found by %s', async (_, engine, env) => {
    const { first } = await load({ engine }, env);
    expect(first.value).toMatchObject({ name: 'liteav', version: expect.stringContaining(r3) });
  });
});

describe('an SDK that cannot be used', () => {
  it.each([
    ['no-such-folder', 'ERR_RTC_SDK_NOT_FOUND', ''],
    ['objects', 'ERR_RTC_SDK_NOT_FOUND', ''],
    ['wrong-architecture', 'ERR_RTC_SDK_WRONG_ARCHITECTURE', ''],
    ['tx2018', 'ERR_RTC_SDK_WRONG_ARCHITECTURE', ''],
    ['truncated', 'ERR_RTC_SDK_CORRUPT', ''],
    ['empty', 'ERR_RTC_SDK_CORRUPT', ''],
    ['not-a-dll', 'ERR_RTC_SDK_CORRUPT', ''],
    ['missing-sibling', 'ERR_RTC_SDK_DEPENDENCY_MISSING', 'txffmpeg.dll'],
    ['missing-exports', 'ERR_RTC_SDK_INCOMPATIBLE', 'releaseV2TXLivePusher'],
    ['not-liteav', 'ERR_RTC_SDK_INCOMPATIBLE', ''],
    ['unknown-version', 'ERR_RTC_SDK_INCOMPATIBLE', '99.1.0.1'],
    ['between-versions', 'ERR_RTC_SDK_INCOMPATIBLE', '12.9.0.1'],
  ])('%s is %s, also the second time', async (variant, code, named) => {
    const { first, again } = await load({ engine: standin(variant) });
    expect([first.code, again.code]).toEqual([code, code]);
    expect(first.message).toContain(named);
  });

  it('is not passed over when it was asked for by name or by place', async () => {
    expect((await load({ engine: 'liteav' })).first.code).toBe('ERR_RTC_SDK_NOT_FOUND');
    const engine = { ...standin('no-such-folder'), name: 'auto' as const };
    expect((await load({ engine })).first.code).toBe('ERR_RTC_SDK_NOT_FOUND');
  });

  it('leaves the automatic choice to the embedded engine where there is none', async () => {
    expect((await load({ engine: 'auto' })).first.value?.name).toBe('embedded');
  });

  it('of an unknown revision is used on request, with the methods that all revisions share', async () => {
    const engine = standin('unknown-version', { allowUnknownRevision: true });
    const shared = await load({ engine, make: 'pusher', call: ['startPush', url] });
    expect(shared.first.value?.version).toContain('99.1.0.1');
    expect(shared.made?.code).toBeUndefined();
    const own = await load({ engine, make: 'pusher', call: ['openSystemVoiceInput', ''] });
    expect(own.made?.code).toBe('ERR_RTC_UNSUPPORTED');
  });

  it.each(['pusher', 'player'] as const)('because it gives no %s is an error of its own', async (make) => {
    const { made } = await load({ engine: standin('null-factory'), make });
    expect(made?.code).toBe('ERR_RTC_SDK_FAILED');
  });
});

describe('a licence', () => {
  it.each([
    ['pusher', 'startPush'],
    ['player', 'startPlay'],
  ] as const)('that the SDK refuses is the error of the start of a %s', async (make, method) => {
    const { made } = await load({ engine: standin('licence-refused'), make, call: [method, url] });
    expect(made?.code).toBe('ERR_RTC_LICENCE_REFUSED');
  });

  it.each(['v2-r3', 'v2-r4-premier'])('is given to %s, and is in no error', async (variant) => {
    const log = new StandinLog();
    const licence = { url: 'https://licence.example/made-up', key: 'made-up-key-0123456789' };
    const call = ['startPush', `${url}/licence-5?txSecret=s3cret`];
    const env = { LITEAV_STANDIN_LOG: log.path };
    const { made } = await load({ engine: standin(variant, { licence }), make: 'pusher', call }, env);
    const given = log.lines().filter(({ method }) => /licen[cs]e/i.test(method ?? ''));
    expect(given.at(-1)?.args).toEqual([licence.url, licence.key]);
    expect(made?.code).toBe('ERR_RTC_LICENCE_REFUSED');
    for (const secret of [licence.key, 's3cret']) expect(made?.stack).not.toContain(secret);
  });
});
