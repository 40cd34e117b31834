/** Of what every request asks: a store of this process has it at once, and nobody waits. */
export type Soon<T> = T | Promise<T>;

/** `step` with the value: at once where it is there, so that a request which waits for nothing makes no promise. */
export function after<T, Result>(soon: Soon<T>, step: (value: T) => Soon<Result>): Soon<Result> {
  return soon instanceof Promise ? soon.then(step) : step(soon);
}
