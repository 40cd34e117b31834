import { type RedisConnection, unavailable } from './RedisConnection.js';

export interface GatheredScriptOptions {
  connection: RedisConnection;
  /** Its arguments are the prefix and, one call after the other, `arity` of each. Returns a list with an answer to each, an error reply for one that failed. */
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
 * A script that does in one run the calls that go out together (see GatheringRedis). A command takes the client longer than all
 * that it says, so the more there is to do, the less each call takes. A run that fails has failed for each of its calls, and where
 * Redis gave no answer for those that wait behind it too: it is not waited for twice.
 */
export class GatheredScript {
  readonly #options: GatheredScriptOptions;
  #calls: Call[] = [];

  constructor(options: GatheredScriptOptions) {
    this.#options = options;
    options.connection.preload(options.lua);
  }

  /** What `read` makes of the answer. Rejects as RedisConnection.script does. */
  call<Answer, Result>(args: readonly (string | number)[], read: (answer: Answer) => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const done = (answer: unknown) => {
        if (answer instanceof Error) return reject(unavailable(answer));
        try {
          resolve(read(answer as Answer));
        } catch (error) {
          reject(error);
        }
      };
      this.#calls.push({ args, done, reject });
      if (this.#calls.length === 1) this.#options.connection.client.beforeTheyGo(() => this.#runAll());
    });
  }

  #runAll(): void {
    const calls = this.#calls;
    this.#calls = [];
    const { most } = this.#options;
    for (let first = 0; first < calls.length; first += most) void this.#run(calls.slice(first, first + most));
  }

  async #run(calls: readonly Call[]): Promise<void> {
    const { connection, lua, arity } = this.#options;
    const args: (string | number)[] = [];
    for (const call of calls) for (let index = 0; index < arity; index++) args.push(call.args[index] ?? '');
    try {
      const answers = await connection.script<unknown[]>(lua, args);
      for (const [index, { done }] of calls.entries()) done(answers[index]);
    } catch (error) {
      const waiting = isReply(error) ? [] : this.#calls.splice(0);
      for (const { reject } of [...calls, ...waiting]) reject(error);
    }
  }
}

/** Redis answered, with an error. */
function isReply(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === 'ReplyError';
}
