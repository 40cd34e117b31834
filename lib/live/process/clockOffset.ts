import { loadAddon } from '../addon.js';

/**
 * µs from the zero of the monotonic clock, which is one for all processes of a machine, to 1970 on this process's
 * `clockMicros()`. Right to some µs: of a few tries the one counts that was not interrupted.
 */
export function clockOffsetMicros(): number {
  const { clockMicros } = loadAddon();
  let best = { took: Number.POSITIVE_INFINITY, offset: 0 };
  for (let i = 0; i < 5; i++) {
    const before = process.hrtime.bigint();
    const clock = clockMicros();
    const after = process.hrtime.bigint();
    const took = Number(after - before);
    if (took < best.took) best = { took, offset: Math.round(clock - Number(before + after) / 2000) };
  }
  return best.offset;
}
