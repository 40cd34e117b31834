/** Does something with each, so many at a time: who comes first does not wait for all. */
export async function inLanes<One>(
  all: readonly One[],
  work: (one: One) => Promise<unknown>,
  lanes = 24,
): Promise<void> {
  const waiting = [...all];
  const lane = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
