import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SseSink, type SseSinkOptions } from '#lib/server/im/SseSink';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A sink on a real connection, and the client's end of it. */
async function connection(options: Partial<SseSinkOptions>): Promise<{ sink: SseSink; response: IncomingMessage }> {
  let sink: SseSink | undefined;
  const server = createServer((_request, response) => {
    sink = new SseSink(
      response,
      {},
      { maxBufferedBytes: 65_536, pingIntervalMs: 60_000, isValid: async () => true, onClose: () => {}, ...options },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject);
  });
  response.on('error', () => {});
  closers.push(() => {
    response.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { sink: sink as SseSink, response };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a stream whose reader takes nothing', () => {
  it('is cut when more than its bound waits to be sent', async () => {
    let closed = false;
    const { sink, response } = await connection({
      onClose: () => {
        closed = true;
      },
    });
    response.socket.pause();
    // More than the kernel's buffers of a connection can hold, a little a turn.
    for (let written = 0; !closed && written < 64 * 2 ** 20; written += 8192) {
      sink.write('x'.repeat(8192));
      await turn();
    }
    expect(closed).toBe(true);
    sink.write('more');
    sink.end();
  });

  it('does not hold up its end', async () => {
    const ended = new Promise<void>((resolve) => {
      void connection({ maxBufferedBytes: 2 ** 30, onClose: resolve }).then(({ sink, response }) => {
        response.socket.pause();
        sink.write('x'.repeat(32 * 2 ** 20));
        sink.end();
      });
    });
    await ended;
  });
});

describe('a stream with a fast reader', () => {
  it('gets all of many messages, whatever the bound', async () => {
    const { sink, response } = await connection({});
    let received = 0;
    response.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    const total = 16 * 2 ** 20;
    for (let written = 0; written < total; written += 8192) {
      sink.write('x'.repeat(8192));
      await turn();
    }
    await expect.poll(() => received, { timeout: 10_000 }).toBe(total);
  });

  it('ends at the next ping when its token is no longer good, or cannot be asked for', async () => {
    for (const isValid of [async () => false, () => Promise.reject(new Error('disk'))]) {
      const { response } = await connection({ pingIntervalMs: 10, isValid });
      response.resume();
      await new Promise<void>((resolve) => response.once('close', () => resolve()));
      expect(response.complete).toBe(true);
    }
  });
});
