import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FlvTag {
  kind: 'audio' | 'video' | 'script';
  /** What it says, ms. */
  timeMs: number;
  /** When it is sent, ms after the first. */
  dueMs: number;
  /** Adobe's body: of H.264 five bytes before the lengths and NAL units, of AAC two before the frame. */
  body: Buffer;
}

const types = { audio: 8, video: 9, script: 18 } as const;
const headerBytes = 11;

/** The tags of an FLV file, each due at its time. */
export function readFlv(file: Buffer): FlvTag[] {
  const tags: FlvTag[] = [];
  for (let at = file.readUInt32BE(5) + 4; at + headerBytes <= file.length; ) {
    const type = file[at] as number;
    const size = file.readUIntBE(at + 1, 3);
    const timeMs = file.readUIntBE(at + 4, 3) + (file[at + 7] as number) * 2 ** 24;
    const body = Buffer.from(file.subarray(at + headerBytes, at + headerBytes + size));
    const kind = type === types.audio ? 'audio' : type === types.video ? 'video' : 'script';
    tags.push({ kind, timeMs, dueMs: timeMs, body });
    at += headerBytes + size + 4;
  }
  return tags;
}

function bytesOf({ kind, timeMs, body }: FlvTag): Buffer {
  const header = Buffer.alloc(headerBytes);
  header[0] = types[kind];
  header.writeUIntBE(body.length, 1, 3);
  header.writeUIntBE(timeMs % 2 ** 24, 4, 3);
  header[7] = timeMs / 2 ** 24;
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE(headerBytes + body.length);
  return Buffer.concat([header, body, trailer]);
}

export interface FlvServer extends AsyncDisposable {
  readonly url: string;
}

/** Sends the same tags to every player of HTTP-FLV, in real time, and then nothing more. */
export async function startFlvServer(tags: FlvTag[]): Promise<FlvServer> {
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    response.write(Buffer.from('FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00', 'latin1'));
    const begun = performance.now();
    for (const tag of tags) {
      const wait = begun + tag.dueMs - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (response.destroyed) return;
      response.write(bytesOf(tag));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/live/own.flv`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
