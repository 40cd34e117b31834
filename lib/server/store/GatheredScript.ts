import type { RedisConnection } from './RedisConnection.js';

export interface GatheredScriptOptions {
  connection: RedisConnection;
  /** Its arguments are the prefix and, one call after the other, `arity` of each. Returns a list with an answer to each. */
  lua: string;
  arity: number;
  /** Calls in one run: Redis does nothing else meanwhile. */
  most: number;
}

interface Call {
  args: readonly (string | number)[];
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * A script that does a turn's calls in one run. A command takes the client longer than all that it says, and of the calls that
 * come most, those of many users wait for the end of a turn anyway. A run that fails has failed for each of its calls.
 */
export class GatheredScript {
  readonly #options: GatheredScriptOptions;
  #calls: Call[] = [];

  constructor(options: GatheredScriptOptions) {
    this.#options = options;
    options.connection.preload(options.lua);
  }

  /** Rejects as RedisConnection.script does. */
  call<Answer>(...args: readonly (string | number)[]): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#calls.push({ args, resolve: resolve as (answer: unknown) => void, reject });
      if (this.#calls.length === 1) this.#options.connection.client.atEndOfTurn(() => this.#send());
    });
  }

  #send(): void {
    const calls = this.#calls;
    this.#calls = [];
    const { most } = this.#options;
    for (let first = 0; first < calls.length; first += most) void this.#run(calls.slice(first, first + most));
  }

  async #run(calls: readonly Call[]): Promise<void> {
    const { connection, lua, arity } = this.#options;
    try {
      const args: (string | number)[] = [];
      for (const call of calls) for (let index = 0; index < arity; index++) args.push(call.args[index] ?? '');
      const answers = await connection.script<unknown[]>(lua, args);
      for (const [index, { resolve }] of calls.entries()) resolve(answers[index]);
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }
}
