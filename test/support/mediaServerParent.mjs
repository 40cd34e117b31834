// A parent with a media server that waits to be killed. Writes the server's pid and port as a line of JSON.
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';

const media = new EmbeddedMediaServer();
await media.start();
process.stdout.write(`${JSON.stringify({ pid: media.pid, rtmpUrl: media.rtmpUrl })}\n`);
if (process.argv[2] === 'close') await media.close(); // then nothing may keep this process alive
if (process.argv[2] === 'exit') process.exit(0);
if (process.argv[2] === 'throw') throw new Error('as a fault of the parent');
