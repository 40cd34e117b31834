import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { MediaServerChild } from '#lib/server/media/MediaServerChild';
import { StreamUrls } from '#lib/server/rooms/StreamUrls';
import { SqliteRoomStore } from '#lib/server/store/SqliteRoomStore';
import { exSound, exVideo } from '../support/exTags.js';
import { flvUrl, inAnHour, playUrl, pushUrl, until } from '../support/mediaServer.js';
import { RawRtmpClient } from '../support/mediaServerClient.js';

function enhanced(fourCc: string, data: string, { header = false, key = false }): Buffer {
  return exVideo({
    type: header ? 'sequenceStart' : 'codedFrames',
    fourCc,
    key: key || header,
    data: Buffer.from(data),
  });
}

describe('streams of the embedded media server', () => {
  const media = new EmbeddedMediaServer({ playerBudgetBytes: 256 * 1024, playerStallMs: 1000 });
  beforeAll(() => media.start());
  afterAll(() => media.close());

  async function publish(streamID: string, expiresAtSeconds = inAnHour()): Promise<RawRtmpClient> {
    const client = await RawRtmpClient.request('publish', pushUrl(media, streamID, { expiresAtSeconds }));
    await client.waitFor('NetStream.Publish.Start');
    await until('publishing', () => media.isPublishing(streamID));
    return client;
  }

  async function play(streamID: string): Promise<RawRtmpClient> {
    const client = await RawRtmpClient.request('play', playUrl(media, streamID));
    await client.waitFor('NetStream.Play.Start');
    return client;
  }

  it('refuse a second publisher by BadName while the first goes on', async () => {
    using first = await publish('taken');
    using player = await play('taken');
    using second = await RawRtmpClient.request('publish', pushUrl(media, 'taken'));
    await second.waitFor('NetStream.Publish.BadName');
    expect(second.saw('NetStream.Publish.Start')).toBe(false);
    await second.waitForClose();
    first.sendFrame('still here', { key: true });
    await player.waitFor('still here');
    expect(player.saw('UnpublishNotify')).toBe(false);
  });

  it.each([
    ['publish', 'no signature', (id: string) => `${media.rtmpUrl}/${id}`, 'NetStream.Publish.Denied'],
    ['publish', 'the play key', (id: string) => pushUrl(media, id, { key: media.playKey }), 'NetStream.Publish.Denied'],
    ['publish', 'expiry', (id: string) => pushUrl(media, id, { expiresAtSeconds: 1 }), 'NetStream.Publish.Denied'],
    ['play', 'no signature', (id: string) => `${media.rtmpUrl}/${id}`, 'NetStream.Play.Failed'],
    ['play', 'the push key', (id: string) => playUrl(media, id, { key: media.pushKey }), 'NetStream.Play.Failed'],
    ['play', 'expiry', (id: string) => playUrl(media, id, { expiresAtSeconds: 1 }), 'NetStream.Play.Failed'],
  ] as const)('refuse %s for %s', async (command, _why, url, code) => {
    using client = await RawRtmpClient.request(command, url('denied'));
    await client.waitFor(code);
    await client.waitForClose();
    expect(client.saw('Start')).toBe(false);
    expect(media.isPublishing('denied')).toBe(false);
  });

  it('refuse a name with characters that no stream has', async () => {
    using client = await RawRtmpClient.request('publish', pushUrl(media, 'a.b'));
    await client.waitFor('NetStream.Publish.Denied');
  });

  it('refuse another application', async () => {
    using client = await RawRtmpClient.request('publish', pushUrl(media, 's').replace('/live/', '/other/'));
    await client.waitFor('NetConnection.Connect.Rejected');
    await client.waitForClose();
  });

  it('give a joining player headers and the whole GOP at once', async () => {
    using publisher = await publish('gop');
    publisher.sendVideoHeader('header-a');
    publisher.sendFrame('old-key', { key: true });
    publisher.sendFrame('key-1', { key: true, timestampMs: 40 });
    publisher.sendFrame('inter-1', { timestampMs: 80 });
    using witness = await play('gop');
    await witness.waitFor('inter-1'); // so the server has it all
    using player = await play('gop');
    await player.waitFor('inter-1');
    expect(player.saw('old-key')).toBe(false);
    expect(player.positionOf('header-a')).toBeGreaterThan(player.positionOf('NetStream.Play.Start'));
    expect(player.positionOf('key-1')).toBeGreaterThan(player.positionOf('header-a'));
    expect(player.positionOf('inter-1')).toBeGreaterThan(player.positionOf('key-1'));
  });

  it.each([
    ['hvc1', (data: string, options: { header?: boolean; key?: boolean }) => enhanced('hvc1', data, options)],
    [
      'a FourCC to come',
      (data: string, options: { header?: boolean; key?: boolean }) => enhanced('zzzz', data, options),
    ],
    [
      'number 12',
      (data: string, { header = false, key = false }) =>
        Buffer.concat([Buffer.from([key || header ? 0x1c : 0x2c, header ? 0 : 1, 0, 0, 0]), Buffer.from(data)]),
    ],
  ])('keep headers and GOP of %s for a joining player, with sound of Opus', async (name, video) => {
    const streamID = `kept-${name.replace(/\W/g, '')}`;
    using publisher = await publish(streamID);
    const send = (type: number, body: Buffer, timestampMs = 0) => publisher.sendMessage(type, 1, body, timestampMs);
    send(8, exSound('sequenceStart', 'Opus', Buffer.from('OpusHead-kept')));
    send(8, exSound('sequenceStart', 'Opus', Buffer.from('OpusTags-passed-on')));
    send(9, video('kept-header', { header: true }));
    send(9, video('old-key', { key: true }));
    send(9, video('kept-key', { key: true }), 40);
    send(8, exSound('codedFrames', 'Opus', Buffer.from('kept-sound')), 60);
    send(9, video('kept-inter', {}), 80);
    using witness = await play(streamID);
    await witness.waitFor('kept-inter'); // so the server has it all
    using player = await play(streamID);
    await player.waitFor('kept-inter');
    expect(player.saw('old-key')).toBe(false);
    expect(player.saw('OpusTags')).toBe(false);
    expect(player.positionOf('OpusHead-kept')).toBeGreaterThan(player.positionOf('NetStream.Play.Start'));
    expect(player.positionOf('kept-header')).toBeGreaterThan(player.positionOf('NetStream.Play.Start'));
    expect(player.positionOf('kept-key')).toBeGreaterThan(player.positionOf('kept-header'));
    expect(player.positionOf('kept-sound')).toBeGreaterThan(player.positionOf('kept-key'));
  });

  it('live on through tags that are cut off', async () => {
    using publisher = await publish('cutoff');
    publisher.sendVideoHeader('whole-header');
    const whole = Buffer.concat([
      Buffer.from([0x97, 255, 0, 3, 1, 2, 3, 4, 0x01]),
      Buffer.from('hvc1'),
      Buffer.alloc(3),
    ]);
    for (let size = 0; size <= whole.length; size++) publisher.sendMessage(9, 1, whole.subarray(0, size));
    for (const first of [0x91, 0x96, 0x95]) publisher.sendMessage(9, 1, Buffer.from([first, 0x68, 0x76, 0x63, 0x31]));
    for (const first of [0x90, 0x95, 0x97]) publisher.sendMessage(8, 1, Buffer.from([first]));
    publisher.sendFrame('whole-key', { key: true });
    using player = await play('cutoff');
    await player.waitFor('whole-key');
    expect(player.positionOf('whole-key')).toBeGreaterThan(player.positionOf('whole-header'));
  });

  it('are told to a client of enhanced RTMP as passed on whatever the codec', async () => {
    using plain = await RawRtmpClient.request('play', playUrl(media, 'told'));
    await plain.waitFor('NetStream.Play.Start');
    expect(plain.saw('FourCcInfoMap')).toBe(false);
    for (const property of [{ fourCcList: ['hvc1', 'Opus'] }, { videoFourCcInfoMap: { hvc1: 1 } }]) {
      using client = await RawRtmpClient.request('play', playUrl(media, 'told'), property);
      await client.waitFor('NetStream.Play.Start');
      expect(client.saw('videoFourCcInfoMap')).toBe(true);
      expect(client.saw('audioFourCcInfoMap')).toBe(true);
      expect(client.saw('capsEx')).toBe(true);
    }
  });

  it('keep nothing of an earlier publisher', async () => {
    using player = await play('stale');
    {
      using publisher = await publish('stale');
      publisher.sendVideoHeader('stale-header');
      publisher.sendFrame('stale-key', { key: true });
      await player.waitFor('stale-key');
    }
    await until('unpublished', () => !media.isPublishing('stale'));
    using publisher = await publish('stale');
    publisher.sendFrame('fresh-inter');
    await player.waitFor('fresh-inter');
    using late = await play('stale');
    publisher.sendFrame('fresh-key', { key: true });
    await late.waitFor('fresh-key');
    expect(late.saw('stale')).toBe(false);
    expect(late.saw('fresh-inter')).toBe(false);
  });

  it("tell players a publisher's end at once, and a returning publisher resumes to them", async () => {
    using player = await play('back');
    const first = await publish('back');
    await player.waitFor('NetStream.Play.PublishNotify');
    first.sendFrame('first-key', { key: true });
    await player.waitFor('first-key');
    first.socket.destroy();
    await player.waitFor('NetStream.Play.UnpublishNotify', 1000);
    using second = await publish('back');
    second.sendVideoHeader('second-header');
    second.sendFrame('second-key', { key: true, timestampMs: 5 });
    await player.waitFor('second-key');
    expect(player.positionOf('second-header')).toBeGreaterThan(player.positionOf('NetStream.Play.UnpublishNotify'));
    expect(player.closed).toBe(false);
  });

  it('end by deleteStream before the connection ends', async () => {
    using publisher = await publish('deleted');
    publisher.sendCommand(0, 'deleteStream', 4, null);
    await until('unpublished', () => !media.isPublishing('deleted'));
    await publisher.waitForClose();
  });

  it('skip a player that does not read, then cut it, while the others go on', async () => {
    using publisher = await publish('slow');
    using reading = await play('slow');
    using stuck = await play('slow');
    stuck.socket.pause();
    let sent = 0;
    // the kernel takes some MB before the server has anything to keep
    await until(
      'the stuck player is cut',
      () => {
        publisher.sendFrame(`frame-${++sent}.`, { key: true, bytes: 128 * 1024 });
        stuck.sendMessage(3, 0, Buffer.alloc(4)); // fails once the server has cut it, though it does not read
        return stuck.closed;
      },
      15_000,
    );
    expect(reading.closed).toBe(false);
    await reading.waitFor(`frame-${sent}.`);
  });

  it('are cut for publisher and players; push URLs up to that one are revoked, a later one is good', async () => {
    const expires = inAnHour();
    using publisher = await publish('cut', expires);
    using player = await play('cut');
    await media.cut('cut');
    await publisher.waitForClose();
    await player.waitForClose();
    expect(player.saw('NetStream.Play.UnpublishNotify')).toBe(true);
    await until('unpublished', () => !media.isPublishing('cut'));
    using again = await RawRtmpClient.request('publish', pushUrl(media, 'cut', { expiresAtSeconds: expires }));
    await again.waitFor('NetStream.Publish.Denied');
    using later = await publish('cut', expires + 1);
    expect(later.closed).toBe(false);
  });

  it('are cut together where many are cut at once, each done when it is', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `together_${index}`);
    const publishers = await Promise.all(names.slice(0, 3).map((name) => publish(name)));
    const send = vi.spyOn(MediaServerChild.prototype, 'send');
    try {
      await Promise.all(names.map((name) => media.cut(name, inAnHour() + 10)));
      const cuts = send.mock.calls.map(([message]) => message.type === 'cut' && message.cuts.length);
      expect(cuts).toEqual([1, 39]);
    } finally {
      send.mockRestore();
    }
    for (const publisher of publishers) await publisher.waitForClose();
    for (const name of names.slice(-2)) {
      using again = await RawRtmpClient.request('publish', pushUrl(media, name));
      await again.waitFor('NetStream.Publish.Denied');
    }
  });

  it('are played by the RTMP address that the Windows client of 2018 makes of a mixedPlayURL', async () => {
    using publisher = await publish('mixed');
    publisher.sendVideoHeader('mixed-header');
    const options = { media, store: new SqliteRoomStore(), bizid: '1000', validityMs: 3_600_000, now: Date.now };
    const mixedPlayURL = new StreamUrls(options).mixedPlayUrl('mixed', Date.now());
    await options.store.close();
    // Behind TLS, and both servers on the ports of their protocols.
    const asDeployed = mixedPlayURL.replace('http:', 'https:').replace(new URL(media.httpUrl).port, '443');
    const made = `rtmp${asDeployed.slice(5, -4)}`.replace(':443/', `:${new URL(media.rtmpUrl).port}/`);
    using player = await RawRtmpClient.request('play', made);
    await player.waitFor('mixed-header');
  });

  it('are cut by a revocation from elsewhere, unless their publisher came by a later URL', async () => {
    const expires = inAnHour();
    using old = await publish('revoked', expires);
    using later = await publish('later', expires + 1);
    media.revoke([
      ['revoked', expires],
      ['later', expires],
      ['absent', expires],
    ]);
    await old.waitForClose();
    for (const streamID of ['revoked', 'absent']) {
      using again = await RawRtmpClient.request('publish', pushUrl(media, streamID, { expiresAtSeconds: expires }));
      await again.waitFor('NetStream.Publish.Denied');
    }
    using anew = await publish('revoked', expires + 1);
    expect([later.closed, anew.closed]).toEqual([false, false]);
  });

  it('are played over HTTP-FLV with the same signature, and nothing else is served', async () => {
    using publisher = await publish('flv');
    publisher.sendVideoHeader('flv-header');
    publisher.sendFrame('flv-key', { key: true });
    const response = await fetch(flvUrl(media, 'flv'));
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    let text = '';
    while (!text.includes('flv-key')) text += Buffer.from((await reader?.read())?.value ?? []).toString('latin1');
    expect(text.startsWith('FLV')).toBe(true);
    expect(text.indexOf('flv-header')).toBeLessThan(text.indexOf('flv-key'));
    publisher.socket.destroy();
    while (!(await reader?.read())?.done); // ended with its publisher

    const status = async (url: string, method = 'GET') => (await fetch(url, { method })).status;
    expect(await status(flvUrl(media, 'flv', { key: media.pushKey }))).toBe(403);
    expect(await status(`${media.httpUrl}/flv.flv`)).toBe(403);
    expect(await status(flvUrl(media, 'flv'), 'POST')).toBe(405);
    for (const path of ['/', '/admin', '/admin/index.html', '/api/v1/streams', '/live/flv', '/live/../package.json']) {
      expect(await status(new URL(path, media.httpUrl).href)).toBe(404);
    }
  });
});
