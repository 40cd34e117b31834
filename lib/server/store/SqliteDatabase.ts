import Database from 'libsql';
import { RtcError } from '../../errors.js';
import { Checkpoints } from './Checkpoints.js';
import type { Soon } from './soon.js';
import { migrate } from './sqliteSchema.js';

export interface SqliteDatabaseOptions {
  /** Path of the file, or ':memory:'. One process a file. */
  path: string;
  now: () => number;
  /** Transactions after which the file is brought up to date. */
  checkpointEvery: number;
  /** A whole transaction failed: what is known of the database may be wrong. */
  onRolledBack: () => void;
}

type Statement = Database.Statement<unknown[]>;

/**
 * Numbers that are written down as given at once: what is left of them when the process ends is skipped. Half of them before
 * they are needed, since somebody may see one whose step is not committed yet.
 */
const numbersAtOnce = 1000;

interface Waiting {
  done: () => void;
  reject: (error: unknown) => void;
}

/** Steps that are committed together. */
interface Group {
  waiting: Waiting[];
  /** Those that were done. */
  steps: number;
  /** What they wrote, in their order. */
  writes: { sql: string; values: unknown[] }[];
  /** What the steps changed, by the names that they gave. */
  changed: Set<Name>;
  end: NodeJS.Immediate;
}

/** Of something in the database that is read: an id, or a symbol for all of a kind. Two things of one name wait for each other. */
export type Name = string | symbol;

/** Whether a disk says so that is full, broken or read-only: it may be well again. Anything else is a fault of ours. */
function ofDisk(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(code);
}

/** `ERR_RTC_STORE_UNAVAILABLE`: what could not be written, and why. */
export function notWritten(what: string, cause: unknown): RtcError {
  const message = `${what} could not be written to the database file: see that its disk has room and is writable`;
  return new RtcError('ERR_RTC_STORE_UNAVAILABLE', message, { cause });
}

/**
 * The database of a service: statements are prepared once, steps are atomic, and numbers never repeat. The steps of one turn
 * of the event loop are one transaction: each is seen by those behind it, and told to be done when all are committed. A
 * step that fails is undone alone: it has to write all that it writes before it changes anything in memory.
 */
export class SqliteDatabase {
  readonly raw: Database.Database;
  readonly #statements = new Map<string, Statement>();
  readonly #checkpoints: Checkpoints | undefined;
  readonly #onRolledBack: () => void;
  /** The latest number given. */
  #number: number;
  /** Up to this one they are written down as given. */
  #written = 0;
  #group: Group | undefined;
  /** A transaction failed, and what it left has not been taken back yet. */
  #failed = false;
  #closed = false;

  /** Throws `ERR_RTC_INVALID_ARGUMENT` when the file cannot be used. */
  constructor({ path, now, checkpointEvery, onRolledBack }: SqliteDatabaseOptions) {
    this.raw = open(path);
    this.#onRolledBack = onRolledBack;
    // Starts above any number given before, even by a memory store of an earlier process: clients compare versions.
    const { value } = this.get<{ value: number }>('SELECT value FROM sequence WHERE id = 1') as { value: number };
    this.#number = Math.max(value, now());
    if (path === ':memory:') return;
    this.#checkpoints = new Checkpoints({
      database: this.raw,
      path,
      every: checkpointEvery,
      before: () => this.settle(),
    });
  }

  /** Throws `ERR_RTC_CLOSED` after close, and what the database says where it cannot be read since a transaction failed. */
  check(): void {
    if (this.#closed) throw new RtcError('ERR_RTC_CLOSED', 'the room store is closed');
    if (this.#failed) this.#recover();
  }

  /** Within a step: a number above any that was given before, by whatever process. */
  next(): number {
    if (++this.#number + numbersAtOnce / 2 > this.#written) {
      this.run('UPDATE sequence SET value = ? WHERE id = 1', this.#number + numbersAtOnce - 1);
      this.#written = this.#number + numbersAtOnce - 1;
    }
    return this.#number;
  }

  /**
   * What the step does is done whole or not at all. Throws what it throws; rejects with `ERR_RTC_STORE_UNAVAILABLE` when what
   * it did could not be committed.
   */
  atomically<T>(step: () => T): Promise<T> {
    this.check();
    const group = this.#begin();
    const { length } = group.writes;
    let result: T;
    try {
      result = step();
    } catch (cause) {
      group.writes.length = length;
      this.#undo(group);
      throw ofDisk(cause) ? notWritten('a change', cause) : cause;
    }
    group.steps++;
    return whenSettled(group, result);
  }

  /** Within a step: what was read of that name is of this step, from now on. */
  changed(name: Name): void {
    this.#group?.changed.add(name);
  }

  /**
   * What was read of that name, for who is not a step: at once, or if a step changed it when that is committed. Rejects
   * with `ERR_RTC_STORE_UNAVAILABLE` when that fails: nobody is told what is then taken back.
   */
  told<T>(value: T, name: Name): Soon<T> {
    const group = this.#group;
    return group?.changed.has(name) ? whenSettled(group, value) : value;
  }

  /** Commits what is under way: before somebody else begins a transaction. */
  settle(): void {
    const group = this.#group;
    if (!group) return;
    try {
      this.raw.exec('COMMIT');
    } catch (cause) {
      this.#rollBack(notWritten('changes', cause));
      return;
    }
    this.#endGroup();
    this.committed(group.steps);
    for (const { done } of group.waiting) done();
  }

  /** To be called after transactions of somebody else. */
  committed(steps = 1): void {
    this.#checkpoints?.committed(steps);
  }

  /** Writes; within a step alone. How many rows were changed. */
  run(sql: string, ...values: unknown[]): number {
    this.#group?.writes.push({ sql, values });
    return this.#statement(sql).run(...values).changes;
  }

  get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** `last` may write what is left. */
  async close(last: () => void): Promise<void> {
    if (this.#closed) return;
    await this.#checkpoints?.close();
    if (this.#closed) return;
    try {
      this.settle();
      last();
      if (this.#checkpoints) {
        // libsql keeps the file open until its objects are collected, and WAL keeps an open file locked: leaving WAL gives
        // the lock back here, and leaves one whole file.
        this.all('PRAGMA journal_mode = DELETE');
        this.all('PRAGMA locking_mode = NORMAL');
        this.all('SELECT value FROM sequence');
      }
    } finally {
      this.#closed = true;
      this.#statements.clear();
      this.raw.close();
    }
  }

  #begin(): Group {
    if (this.#group) return this.#group;
    try {
      this.raw.exec('BEGIN IMMEDIATE');
    } catch (cause) {
      throw notWritten('a change', cause);
    }
    const end = setImmediate(() => this.settle());
    this.#group = { waiting: [], steps: 0, writes: [], changed: new Set(), end };
    return this.#group;
  }

  /**
   * A step failed: all are undone, and what the others wrote is written again. A savepoint before each step would do the same,
   * but takes half as long as the step itself, and steps do not fail.
   */
  #undo(group: Group): void {
    this.#written = 0;
    try {
      // SQLite may have done so by itself, as it does when a disk is full.
      if (this.raw.inTransaction) this.raw.exec('ROLLBACK');
      if (group.steps === 0) {
        this.#endGroup();
        return;
      }
      this.raw.exec('BEGIN IMMEDIATE');
      for (const { sql, values } of group.writes) this.#statement(sql).run(...values);
    } catch (cause) {
      this.#rollBack(notWritten('changes', cause));
    }
  }

  #endGroup(): void {
    clearImmediate(this.#group?.end);
    this.#group = undefined;
  }

  #rollBack(error: unknown): void {
    const waiting = this.#group?.waiting ?? [];
    this.#endGroup();
    this.#failed = true;
    try {
      this.#recover();
    } catch {
      // A disk that failed once may fail again: whoever comes next tries it, and is told.
    }
    for (const { reject } of waiting) reject(error);
  }

  /** What is in memory is that of the database again. */
  #recover(): void {
    this.#failed = false;
    try {
      if (this.raw.inTransaction) this.raw.exec('ROLLBACK');
      this.#written = 0;
      this.#onRolledBack();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  #statement(sql: string): Statement {
    this.check();
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.raw.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function whenSettled<T>(group: Group, value: T): Promise<T> {
  return new Promise((resolve, reject) => group.waiting.push({ done: () => resolve(value), reject }));
}

function open(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    const isFile = path !== ':memory:';
    if (isFile) {
      // Exclusive: a second process on the same file fails at once rather than sending notices to nobody.
      database.prepare('PRAGMA locking_mode = EXCLUSIVE').all();
      database.prepare('PRAGMA journal_mode = WAL').all();
      database.exec('PRAGMA synchronous = NORMAL');
    }
    database.exec('PRAGMA foreign_keys = ON');
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof RtcError) throw error;
    throw new RtcError(
      'ERR_RTC_INVALID_ARGUMENT',
      `the room database ${path} cannot be opened: it must be an SQLite file (or absent) in a writable folder, ` +
        'and no other service may have it open',
      { cause: error },
    );
  }
}
