// Prints the offset of the engine's clock from the monotonic one, µs.
import { clockOffsetMicros } from '#lib/live/process/clockOffset';

process.stdout.write('ready\n');
process.stdout.write(`${clockOffsetMicros()}`);
