import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtcError } from '#lib/errors';
import { capabilities } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { playerRows, pusherRows, type Row, type Scene } from './sdkCalls.js';
import { StandinLog, standin } from './standin.js';
import { openTestWindow, type TestWindow } from './testWindow.js';

let window: TestWindow;
let folder: string;
beforeAll(async () => {
  window = await openTestWindow({ left: 900, top: 400, width: 160, height: 90 });
  folder = mkdtempSync(join(tmpdir(), 'rtcroom-liteav-'));
});
afterAll(async () => {
  await window?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** 'none', or the code of the error that it throws or rejects with. */
async function outcome<T>(row: Row<T>, object: T, scene: Scene): Promise<{ code: string; value: unknown }> {
  try {
    return { code: 'none', value: await row.call(object, scene) };
  } catch (error) {
    if (error instanceof RtcError) return { code: (error as RtcError).code, value: error };
    throw error;
  }
}

const methodOf = (name: string) => name.split(' ')[0] as string;

/** Calls every row in turn; what the engine says it has must reach the SDK, what it has not must be refused. */
function everyMethod<T extends { close(): Promise<void> }>(
  variant: string,
  rows: Row<T>[],
  make: () => T,
  has: () => string[],
) {
  let log: StandinLog;
  let object: T;
  let supported: string[];
  beforeAll(() => {
    log = new StandinLog();
    supported = has();
    object = make();
  });
  afterAll(() => object?.close());

  it('are all in this list', () => {
    expect(supported.length).toBeGreaterThan(10);
    const listed = ['close', ...rows.map(({ name }) => methodOf(name))];
    expect(supported.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it.each(rows)('$name', async (row) => {
    const scene = { window, newFile: (name: string) => join(folder, `${variant}-${name}`) };
    const from = log.lines().length;
    const { code, value } = await outcome(row, object, scene);
    if (!supported.includes(methodOf(row.name))) {
      expect(code).toBe('ERR_RTC_UNSUPPORTED');
      return;
    }
    expect({ code, value: code === 'none' ? undefined : value }).toEqual({ code: 'none', value: undefined });
    if (row.gives) expect({ value, right: row.gives(value) }).toEqual({ value, right: true });
    const expected = variant === 'itx' ? (row.itx ?? { method: methodOf(row.name) }) : row.v2;
    if (expected === undefined) throw new Error(`the engine has ${row.name}; say here what it calls`);
    if (expected !== 'shadow') {
      const line = await log.call(expected.method, from);
      if (expected.args) expect(line.args?.slice(0, expected.args.length)).toEqual(expected.args);
    }
  });

  it('break no rule of the SDK, and release what they made', async () => {
    await object.close();
    expect(log.faults()).toEqual([]);
    const made = log.lines().filter(({ method }) => method && /^create.*(Pusher|Player)$/.test(method)).length;
    const released = log.lines().filter(({ method }) => method && /^(release|destroy).*(Pusher|Player)$/.test(method));
    expect(made).toBeGreaterThan(0);
    expect(released).toHaveLength(made);
  });
}

/** Each method of the contract with a stand-in: what the SDK is asked, or the refusal. */
export function methodsSuite(variant: string): void {
  const engine = standin(variant);
  describe('methods of the pusher', () =>
    everyMethod(
      variant,
      pusherRows,
      () => new TXLivePusher({ engine }),
      () => capabilities(engine).pusherMethods,
    ));
  describe('methods of the player', () =>
    everyMethod(
      variant,
      playerRows,
      () => new TXLivePlayer({ engine }),
      () => capabilities(engine).playerMethods,
    ));
}
