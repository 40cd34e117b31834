import logUpdate from 'log-update';

/** A live line on a terminal, plain lines elsewhere, nothing with `silent`. */
export class Progress {
  readonly #live: boolean;
  readonly #silent: boolean;

  constructor({ silent }: { silent: boolean }) {
    this.#silent = silent;
    this.#live = !silent && process.stdout.isTTY === true;
  }

  /** Something that stays readable. */
  line(text: string): void {
    if (this.#silent) return;
    if (this.#live) logUpdate.clear();
    process.stdout.write(`${text}\n`);
  }

  /** Something that the next call replaces; elsewhere than on a terminal only what `line` says is shown. */
  live(text: string): void {
    if (this.#live) logUpdate(text);
  }

  /** Gives the terminal back. */
  end(): void {
    if (!this.#live) return;
    logUpdate.clear();
    logUpdate.done();
  }
}
