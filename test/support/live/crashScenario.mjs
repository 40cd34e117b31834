// Calls a method that crashes the engine's process, and prints what that threw and that life goes on.
import { TXLivePusher } from '#lib/live/TXLivePusher';

const pusher = new TXLivePusher({ engine: 'process' });
process.stdout.write('ready\n');
let error;
try {
  pusher.setNearestIP(true);
} catch (caught) {
  error = caught;
}
const again = new TXLivePusher({ engine: 'process' });
await Promise.all([pusher.close(), again.close()]);
process.stdout.write(JSON.stringify({ code: error?.code, message: error?.message, stack: error?.stack }));
