import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { signature } from '#lib/server/media/urlSignature';

/** The embedded server with signed addresses for new streams. */
export async function startServer() {
  const media = new EmbeddedMediaServer();
  await media.start();
  const signed = (key, streamID) => {
    const { txSecret, txTime } = signature(key, streamID, Math.floor(Date.now() / 1000) + 3600);
    return `${media.rtmpUrl}/${streamID}?txSecret=${txSecret}&txTime=${txTime}`;
  };
  return {
    media,
    stream() {
      const streamID = `bench_${randomUUID()}`;
      return { push: signed(media.pushKey, streamID), play: signed(media.playKey, streamID) };
    },
    close: () => media.close(),
  };
}

/** Waits until the server has the stream of a push address. */
export async function published(server, url, deadlineMs = 20_000) {
  const streamID = new URL(url).pathname.split('/').pop();
  const deadline = performance.now() + deadlineMs;
  while (!server.media.isPublishing(streamID)) {
    if (performance.now() > deadline) throw new Error(`nobody published a stream within ${deadlineMs / 1000} s`);
    await delay(50);
  }
}

/** Resolves at the first event of that name; rejects after the deadline. */
export function heard(emitter, name, deadlineMs = 20_000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name} within ${deadlineMs} ms`)), deadlineMs);
    emitter.once(name, (value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
