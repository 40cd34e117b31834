import { open } from 'node:fs/promises';
import type Database from 'libsql';

export interface CheckpointsOptions {
  database: Database.Database;
  /** The database file. */
  path: string;
  /** Steps after which the file is brought up to date. */
  every: number;
  /** Ends a transaction that is under way: within one the file cannot be brought up to date. */
  before: () => void;
}

/** Pages of 4 KiB in the log at which SQLite does it by itself, within whatever transaction is the last: should we fail. */
const autoCheckpointPages = 16_000;

/**
 * Brings a file in WAL mode up to date. SQLite does so at the end of a transaction, which then waits until the disk has all of
 * the log, a tenth of a second or more, and everybody with it. Here the disk is given the log beforehand, beside the event
 * loop, so that the checkpoint itself waits for the few pages that differ.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #committed = 0;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    options.database.exec(`PRAGMA wal_autocheckpoint = ${autoCheckpointPages}`);
  }

  /** To be called after each transaction. */
  committed(steps: number): void {
    this.#committed += steps;
    if (this.#committed < this.#options.every || this.#running || this.#closed) return;
    this.#committed = 0;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Nothing is done any more when it resolves. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#syncLog();
      if (this.#closed) return;
      this.#options.before();
      this.#options.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all();
    } catch {
      // The log grows until the next time; a disk that fails is told by the next write.
    }
  }

  async #syncLog(): Promise<void> {
    const log = await open(`${this.#options.path}-wal`, 'r+');
    try {
      await log.datasync();
    } finally {
      await log.close();
    }
  }
}
