import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as elapse } from 'node:timers/promises';
import { flvHeader, flvTag, type Tag } from './exTags.js';

export interface HttpFlvServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves tags to each client in their own time, the first of them at once, and then leaves the connection open. */
export async function serveFlv(tags: Tag[]): Promise<HttpFlvServer> {
  const closed = new AbortController();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'video/x-flv' });
    void send(response, tags, closed.signal).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.flv`,
    [Symbol.asyncDispose]: async () => {
      closed.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function send(response: ServerResponse, tags: Tag[], signal: AbortSignal): Promise<void> {
  response.write(flvHeader);
  const from = performance.now() - (tags[0]?.timestampMs ?? 0);
  for (const tag of tags) {
    const waitMs = from + tag.timestampMs - performance.now();
    if (waitMs > 5) await elapse(waitMs, undefined, { signal });
    if (!response.write(flvTag(tag)) && response.destroyed) return;
  }
}
