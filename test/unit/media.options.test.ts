import { describe, expect, it } from 'vitest';
import { EmbeddedMediaServer, type EmbeddedMediaServerOptions } from '#lib/server/media/EmbeddedMediaServer';

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

describe('EmbeddedMediaServer', () => {
  it.each<EmbeddedMediaServerOptions>([
    { rtmpPort: -1 },
    { httpPort: 65_536 },
    { rtmpPort: 1.5 },
    { handshakeTimeoutMs: 0 },
    { playerBudgetBytes: Number.NaN },
    { maxMemoryMb: 1 },
    { urlValiditySeconds: 0 },
    { host: '' },
    { pushKey: '' },
    { pushKey: 'same', playKey: 'same' },
    { rtmpPort: '1935' as unknown as number },
  ])('refuses %j', (options) => {
    expect(codeOf(() => new EmbeddedMediaServer(options))).toBe('ERR_RTC_INVALID_ARGUMENT');
  });

  it('makes two keys that nobody can guess', () => {
    const [a, b] = [new EmbeddedMediaServer(), new EmbeddedMediaServer()];
    expect(new Set([a.pushKey, a.playKey, b.pushKey, b.playKey]).size).toBe(4);
    expect(a.pushKey).toMatch(/^[0-9a-f]{32}$/);
  });

  it('has no URL before it has a port', () => {
    expect(codeOf(() => new EmbeddedMediaServer().rtmpUrl)).toBe('ERR_RTC_INVALID_STATE');
    expect(new EmbeddedMediaServer({ rtmpPort: 1935 }).rtmpUrl).toBe('rtmp://127.0.0.1:1935/live');
    expect(new EmbeddedMediaServer({ host: '::1', httpPort: 80 }).httpUrl).toBe('http://[::1]:80/live');
    expect(new EmbeddedMediaServer({ host: '0.0.0.0', rtmpPort: 1 }).rtmpUrl).toBe('rtmp://127.0.0.1:1/live');
    expect(new EmbeddedMediaServer({ host: '0.0.0.0', publicHost: 'a.example', rtmpPort: 1 }).rtmpUrl).toBe(
      'rtmp://a.example:1/live',
    );
  });

  it('does not start after it was closed', async () => {
    const media = new EmbeddedMediaServer();
    await media.close();
    await media.close();
    await expect(media.start()).rejects.toMatchObject({ code: 'ERR_RTC_CLOSED' });
  });
});
