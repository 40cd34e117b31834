// Child process of Server.mjs: the room service as `rtcroom serve` makes it, or a bare fastify server. Argument: what, as
// JSON. It tells its address, then answers each message with what it used so far.
import Fastify from 'fastify';
import { createLogger, EmbeddedMediaServer, RoomService } from '#lib/server/index';

const { answers, ...options } = JSON.parse(process.argv[2]);

async function startService() {
  const media = new EmbeddedMediaServer();
  await media.start();
  const service = new RoomService({ ...options, media, logger: createLogger({ level: 'warn' }) });
  await service.listen();
  return { url: service.address.url, close: () => service.close().then(() => media.close()) };
}

/** Answers each path with what the service answered once; entering writes a notice to the streams of the room. */
async function startBare() {
  const app = Fastify();
  const streams = new Map();
  let version = 0;
  for (const [path, { body: answer, headers }] of Object.entries(answers)) {
    if (!path.endsWith('/add_pusher')) {
      app.post(path, async (_request, reply) => {
        reply.headers(headers);
        return answer;
      });
    } else {
      app.post(path, async ({ body }, reply) => {
        reply.headers(headers);
        const event = { type: 'system', groupID: body.roomID, data: 'changed', version: ++version };
        for (const stream of streams.get(body.roomID) ?? []) {
          stream.write(`id: ${version}\nevent: message\ndata: ${JSON.stringify(event)}\n\n`);
        }
        return { ...answer, version };
      });
    }
  }
  app.get('/weapp/im/events', (request, reply) => {
    const { userID } = request.query;
    const roomID = userID.slice(0, userID.lastIndexOf('_'));
    streams.set(roomID, [...(streams.get(roomID) ?? []), reply.raw]);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write('id: 0\nevent: ready\ndata: {"resumed":false}\n\n');
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `http://127.0.0.1:${app.server.address().port}`, close: () => app.server.closeAllConnections() };
}

function used() {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMicros: user + system, rss, heap: heapUsed + external };
}

const server = await (answers ? startBare() : startService());
process.send({ url: server.url });
process.on('message', ({ collect }) => {
  // Twice: what the first one finds dead may hold on to more.
  if (collect) for (let times = 0; times < 2; times++) globalThis.gc();
  process.send(used());
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', async () => {
  await server.close();
  process.exit();
});
