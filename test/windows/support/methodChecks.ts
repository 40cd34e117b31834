import assert from 'node:assert/strict';
import { RtcError } from '#lib/errors';
import type { Expected, Row, Scene, SdkGeneration } from './sdkCalls.js';
import type { StandinLog } from './standin.js';

// What is asked of each row of sdkCalls.ts, for vitest and for node:test: it imports neither.

export const methodOf = (name: string) => name.split(' ')[0] as string;

/** What the SDK must see; 'refused' when the method is there and this use of it is not. */
function expectedOf<T>(row: Row<T>, generation: SdkGeneration): Expected | 'shadow' | 'refused' {
  const sameName = { method: methodOf(row.name) };
  const expected = { v2: row.v2, itx: row.itx ?? sameName, tx2018: row.tx2018 ?? sameName }[generation];
  if (expected === undefined) throw new Error(`the engine has ${row.name}; say in sdkCalls.ts what it calls`);
  return expected;
}

/** 'none', or the code of the error that it throws or rejects with. */
async function outcome<T>(row: Row<T>, object: T, scene: Scene): Promise<{ code: string; value: unknown }> {
  try {
    return { code: 'none', value: await row.call(object, scene) };
  } catch (error) {
    if (error instanceof RtcError) return { code: (error as RtcError).code, value: error };
    throw error;
  }
}

export interface RowOptions {
  generation: SdkGeneration;
  /** Methods that the engine says it has. */
  supported: string[];
  scene: Scene;
  log: StandinLog;
}

/** Calls a row; what the engine says it has must reach the SDK, what it has not must be refused. */
export async function checkRow<T>(row: Row<T>, object: T, options: RowOptions): Promise<void> {
  const { generation, supported, scene, log } = options;
  const from = log.lines().length;
  const { code, value } = await outcome(row, object, scene);
  const expected = supported.includes(methodOf(row.name)) ? expectedOf(row, generation) : 'refused';
  if (expected === 'refused') {
    assert.equal(code, 'ERR_RTC_UNSUPPORTED');
    return;
  }
  assert.deepEqual({ code, error: code === 'none' ? undefined : value }, { code: 'none', error: undefined });
  if (row.gives) assert.deepEqual({ value, right: row.gives(value, generation) }, { value, right: true });
  if (expected === 'shadow') return;
  const line = await log.call(expected.method, from);
  if (expected.args) assert.deepEqual(line.args?.slice(0, expected.args.length), expected.args);
}

/** Every method that the engine has must be in the list. */
export function checkListed<T>(supported: string[], rows: Row<T>[]): void {
  assert.ok(supported.length > 10, `the engine has ${supported.length} methods`);
  const listed = ['close', ...rows.map(({ name }) => methodOf(name))];
  assert.deepEqual(
    supported.filter((name) => !listed.includes(name)),
    [],
  );
}

/** After the close: no rule of the SDK was broken, and as many objects were released as made. */
export function checkReleased(log: StandinLog): void {
  assert.deepEqual(log.faults(), []);
  const methods = log.lines().flatMap(({ method }) => method ?? []);
  const made = methods.filter((name) => /^(create\w*|TXLive)(Pusher|Player)$/.test(name));
  const released = methods.filter((name) => /^((release|destroy)\w*|~TXLive)(Pusher|Player)$/.test(name));
  assert.ok(made.length > 0, 'no object was made');
  assert.equal(released.length, made.length);
}
