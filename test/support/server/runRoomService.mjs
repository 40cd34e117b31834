// A room service alone, without a media server, as a program that a test may kill. Argument: its options as JSON, with
// `port` and `logLevel` (default: silent).
import { createLogger } from '#lib/server/logger';
import { RoomService } from '#lib/server/RoomService';

const media = {
  rtmpUrl: 'rtmp://127.0.0.1:1935/live',
  httpUrl: undefined,
  pushKey: 'push-key-push-key-push-key',
  playKey: 'play-key-play-key-play-key',
  start: async () => {},
  close: async () => {},
  cut: async () => {},
  isPublishing: () => false,
  on: () => media,
};
const { port, logLevel = 'silent', ...options } = JSON.parse(process.argv[2] ?? '{}');
const service = new RoomService({ media, logger: createLogger({ level: logLevel }), ...options });
await service.listen({ port });
console.log(service.address.url);
process.on('SIGTERM', () => void service.close());
