/** Numbers in [0, 1) that a seed repeats: mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A new seed, which is printed, or the one that RTCROOM_TEST_SEED names. */
export function testSeed(what: string): number {
  const seed = Number(process.env.RTCROOM_TEST_SEED ?? Date.now() % 2 ** 31);
  process.stdout.write(`${what}: RTCROOM_TEST_SEED=${seed}\n`);
  return seed;
}
