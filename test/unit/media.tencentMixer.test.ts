import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudApiSignature } from '#lib/server/media/cloudApiSignature';
import { TencentStreamMixer } from '#lib/server/media/TencentStreamMixer';

const apiKey = 'd41d8cd98f00b204e9800998ecf8427e';

it('the signature of the cloud API has the check values of the scheme', () => {
  expect(cloudApiSignature(apiKey, 1_540_000_300)).toBe('acf5c4a7388a3ca3c8f275cd022a0a57');
  expect(cloudApiSignature(apiKey, 1_540_000_060)).toBe('052ca25d7d4af7a2e53f03904d7f8f2a');
});

describe('TencentStreamMixer', () => {
  const asked: { url: string; body: string; type: string | undefined }[] = [];
  let answer: (response: ServerResponse) => void = () => {};
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      asked.push({ url: request.url ?? '', body, type: request.headers['content-type'] });
      answer(response);
    });
  });
  let mixer: TencentStreamMixer;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/common_access`;
    mixer = new TencentStreamMixer({ appID: 1_250_000_000, apiKey, endpoint, now: () => 1_540_000_000_999 });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const mix = (signal = AbortSignal.timeout(10_000)) =>
    mixer.mix({ userID: 'a', roomID: 'r', mergeParams: { timestamp: 1 } }, signal);

  it('calls as the original did, and gives the cloud’s result', async () => {
    answer = (response) => response.end('{"code":0,"message":"Success!","timestamp":1540000001}');
    expect(await mix()).toEqual({ code: 0, message: 'Success!' });
    expect(asked).toEqual([
      {
        url:
          '/common_access?appid=1250000000&interface=mix_streamv2.start_mix_stream_advanced&t=1540000060' +
          '&sign=052ca25d7d4af7a2e53f03904d7f8f2a',
        body: '{"timestamp":1}',
        type: 'application/json',
      },
    ]);
    answer = (response) => response.end('{"code":-31}');
    expect(await mix()).toEqual({ code: -31, message: '' });
  });

  it.each([
    ['no JSON', (response: ServerResponse) => response.end('<html>')],
    ['no result', (response: ServerResponse) => response.end('{"ret":0}')],
    ['null', (response: ServerResponse) => response.end('null')],
    ['an error', (response: ServerResponse) => response.writeHead(500).end('{"code":0}')],
    ['without end', (response: ServerResponse) => response.write('x'.repeat(200_000))],
    [
      'cut',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-length': 9 }).write('{"c', () => response.destroy()),
    ],
  ])('rejects when the answer is %s', async (_name, given) => {
    answer = given;
    await expect(mix()).rejects.toThrow();
  });

  it('ends with its signal', async () => {
    answer = () => {};
    await expect(mix(AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it.each([
    ['appID', { appID: 0, apiKey }],
    ['apiKey', { appID: 1, apiKey: '' }],
    ['endpoint', { appID: 1, apiKey, endpoint: 'nowhere' }],
  ])('refuses a bad %s', (_name, options) => {
    expect(() => new TencentStreamMixer(options)).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });
});
