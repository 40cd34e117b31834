import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { capabilities } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { checkListed, checkReleased, checkRow } from './methodChecks.js';
import { playerRows, pusherRows, type Row } from './sdkCalls.js';
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

  it('are all in this list', () => checkListed(supported, rows));

  it.each(rows)('$name', (row) => {
    const scene = { window, newFile: (name: string) => join(folder, `${variant}-${name}`) };
    return checkRow(row, object, { generation: variant === 'itx' ? 'itx' : 'v2', supported, scene, log });
  });

  it('break no rule of the SDK, and release what they made', async () => {
    await object.close();
    checkReleased(log);
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
