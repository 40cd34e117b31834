// A room service alone, as a program that a test may kill. Argument: its options as JSON, with `port`, `logLevel` (default:
// silent) and `shared`, the options of a RemoteMediaServer; without them there is no media server.
import { createLogger } from '#lib/server/logger';
import { RemoteMediaServer } from '#lib/server/media/RemoteMediaServer';
import { RoomService } from '#lib/server/RoomService';

const none = {
  rtmpUrl: 'rtmp://127.0.0.1:1935/live',
  httpUrl: undefined,
  pushKey: 'push-key-push-key-push-key',
  playKey: 'play-key-play-key-play-key',
  start: async () => {},
  close: async () => {},
  cut: async () => {},
  isPublishing: () => false,
  on: () => none,
};
const { port, logLevel = 'silent', shared, ...options } = JSON.parse(process.argv[2] ?? '{}');
const media = shared ? new RemoteMediaServer(shared) : none;
await media.start();
const service = new RoomService({ media, logger: createLogger({ level: logLevel }), ...options });
await service.listen({ port });
console.log(service.address.url);
process.on('SIGTERM', () => void service.close());
