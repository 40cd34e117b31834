import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RtcError } from '#lib/errors';
import { type EngineChoice, engineInfo } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { codeOf } from '../support/client/expectCode.js';
import { standin, standinFolder } from './support/standin.js';

function failure(engine: EngineChoice): RtcError {
  try {
    engineInfo(engine);
  } catch (error) {
    if (error instanceof RtcError) return error as RtcError;
    throw error;
  }
  throw new Error('the SDK was expected not to load, and loaded');
}

describe('an SDK that can be used', () => {
  it.each([
    ['v2-r2', '11.9.1.1'],
    ['v2-r3', '12.2.0.1'],
    ['v2-r4', '13.4.2.1'],
    ['itx', '8.4.0.1'],
    ['with-sibling', '12.2.0.1'],
    ['with spaces 腾讯 直播', '12.2.0.1'],
  ])('%s is loaded and tells its version', (variant, version) => {
    const info = engineInfo(standin(variant));
    expect(info.name).toBe('liteav');
    expect(info.version).toContain(version);
  });

  it('is found by its file, its folder and by LITEAV_SDK_DIR', () => {
    const file = { name: 'liteav', sdkPath: join(standinFolder('v2-r3'), 'liteav.dll') } as const;
    expect(engineInfo(file)).toEqual(engineInfo(standin('v2-r3')));
    process.env.LITEAV_SDK_DIR = standinFolder('v2-r4');
    try {
      expect(engineInfo('liteav').version).toContain('13.4.2.1');
      expect(engineInfo('auto').name).toBe('liteav');
    } finally {
      delete process.env.LITEAV_SDK_DIR;
    }
  });
});

describe('an SDK that cannot be used', () => {
  it.each([
    ['no-such-folder', 'ERR_RTC_SDK_NOT_FOUND'],
    ['objects', 'ERR_RTC_SDK_NOT_FOUND'],
    ['wrong-architecture', 'ERR_RTC_SDK_WRONG_ARCHITECTURE'],
    ['tx2018', 'ERR_RTC_SDK_WRONG_ARCHITECTURE'],
    ['truncated', 'ERR_RTC_SDK_CORRUPT'],
    ['empty', 'ERR_RTC_SDK_CORRUPT'],
    ['not-a-dll', 'ERR_RTC_SDK_CORRUPT'],
    ['missing-sibling', 'ERR_RTC_SDK_DEPENDENCY_MISSING'],
    ['missing-exports', 'ERR_RTC_SDK_INCOMPATIBLE'],
    ['not-liteav', 'ERR_RTC_SDK_INCOMPATIBLE'],
    ['unknown-version', 'ERR_RTC_SDK_INCOMPATIBLE'],
    ['between-versions', 'ERR_RTC_SDK_INCOMPATIBLE'],
  ])('%s is %s', (variant, code) => {
    expect(failure(standin(variant)).code).toBe(code);
    // A second try says the same.
    expect(failure(standin(variant)).code).toBe(code);
  });

  it('names the missing sibling, and leaves the choice to the embedded engine only where none was asked for', () => {
    expect(failure(standin('missing-sibling')).message).toContain('txffmpeg.dll');
    expect(engineInfo('auto').name).toBe('embedded');
    expect(failure('liteav').code).toBe('ERR_RTC_SDK_NOT_FOUND');
    expect(failure({ ...standin('no-such-folder'), name: 'auto' }).code).toBe('ERR_RTC_SDK_NOT_FOUND');
  });

  it('of an unknown revision is used on request, with the methods that all revisions share', async () => {
    const engine = standin('unknown-version', { allowUnknownRevision: true });
    expect(engineInfo(engine).version).toContain('99.1.0.1');
    await using pusher = new TXLivePusher({ engine });
    await pusher.startPush('rtmp://127.0.0.1/live/unknown');
    await pusher.stopPush();
    expect(() => pusher.showDebugView(1)).toThrow(expect.objectContaining({ code: 'ERR_RTC_UNSUPPORTED' }));
  });

  it('that gives no object is an error of its own', () => {
    const engine = standin('null-factory');
    for (const make of [() => new TXLivePusher({ engine }), () => new TXLivePlayer({ engine })]) {
      expect(make).toThrow(expect.objectContaining({ code: 'ERR_RTC_SDK_FAILED' }));
    }
  });
});

describe('a licence', () => {
  it('that the SDK refuses is the error of the start', async () => {
    const engine = standin('licence-refused');
    await using pusher = new TXLivePusher({ engine });
    expect(await codeOf(pusher.startPush('rtmp://127.0.0.1/live/x'))).toBe('ERR_RTC_LICENCE_REFUSED');
    await using player = new TXLivePlayer({ engine });
    expect(await codeOf(player.startPlay('rtmp://127.0.0.1/live/x'))).toBe('ERR_RTC_LICENCE_REFUSED');
  });

  it.each(['v2-r3', 'v2-r4-premier'])('is given to %s, and is in no error', async (variant) => {
    const { StandinLog } = await import('./support/standin.js');
    const log = new StandinLog();
    const licence = { url: 'https://licence.example/made-up', key: 'made-up-key-0123456789' };
    const engine = standin(variant, { licence });
    await using pusher = new TXLivePusher({ engine });
    expect(log.calls('v2tx_live_premier_set_license').at(-1)?.args).toEqual([licence.url, licence.key]);
    const error = await pusher.startPush('rtmp://127.0.0.1/live/licence-5?txSecret=s3cret').then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'ERR_RTC_LICENCE_REFUSED' });
    for (const secret of [licence.key, 's3cret']) expect(String(error.stack)).not.toContain(secret);
    expect(readFileSync(log.path, 'utf8')).toContain(licence.key);
  });
});
