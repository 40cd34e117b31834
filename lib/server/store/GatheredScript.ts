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
  done: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * A script that does many calls in one run: those of one turn of the event loop, and where Redis has not answered the run before,
 * those that come until it has. A command takes the client longer than all that it says, so the more there is to do, the
 * less each call takes. When a run fails, so do its calls and those that waited for it: they wait no longer than a command.
 */
export class GatheredScript {
  readonly #options: GatheredScriptOptions;
  #calls: Call[] = [];
  /** A run is to come, or has no answer yet. */
  #running = false;

  constructor(options: GatheredScriptOptions) {
    this.#options = options;
    options.connection.preload(options.lua);
  }

  /** What `read` makes of the answer. Rejects as RedisConnection.script does. */
  call<Answer, Result>(args: readonly (string | number)[], read: (answer: Answer) => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const done = (answer: unknown) => {
        try {
          resolve(read(answer as Answer));
        } catch (error) {
          reject(error);
        }
      };
      this.#calls.push({ args, done, reject });
      if (!this.#running) this.#runAtEndOfTurn();
    });
  }

  #runAtEndOfTurn(): void {
    this.#running = true;
    this.#options.connection.client.atEndOfTurn(() => void this.#run());
  }

  async #run(): Promise<void> {
    const { connection, lua, arity, most } = this.#options;
    const calls = this.#calls.splice(0, most);
    const args: (string | number)[] = [];
    for (const call of calls) for (let index = 0; index < arity; index++) args.push(call.args[index] ?? '');
    try {
      const answers = await connection.script<unknown[]>(lua, args);
      for (const [index, { done }] of calls.entries()) done(answers[index]);
    } catch (error) {
      for (const { reject } of [...calls, ...this.#calls.splice(0)]) reject(error);
    }
    this.#running = false;
    if (this.#calls.length > 0) this.#runAtEndOfTurn();
  }
}
