import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One sample in that many rows and columns: the clock's cells are larger. */
const every = 8;

/** A screen in memory, which DISPLAY of this process names, and whose pixels can be looked at without asking its server. */
export async function startXvfb({ width, height }) {
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-bench-'));
  const screen = `${width}x${height}x24`;
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', screen, '-fbdir', folder, '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Also when it is broken off.
  process.once('exit', () => {
    server.kill('SIGKILL');
    remove();
  });
  const failed = once(server, 'error').then(([error]) => {
    throw new Error(`Xvfb does not start (on Debian or Ubuntu \`apt-get install xvfb\`): ${error.message}`);
  });
  const ended = once(server, 'exit');
  const line = once(createInterface({ input: server.stdio[3] }), 'line');
  const [number] = await Promise.race([line, failed, ended.then(() => [])]);
  failed.catch(() => undefined);
  if (number === undefined) throw new Error('Xvfb ended before it had a display');
  process.env.DISPLAY = `:${number}`;
  // An X window dump (XWDFileHeader) that the server keeps up to date, in shared memory.
  const file = openSync(join(folder, 'Xvfb_screen0'), 'r');
  const header = Buffer.alloc(100);
  readSync(file, header, 0, header.length, 0);
  const word = (index) => header.readUInt32BE(4 * index);
  const [start, bytesAcross] = [word(0) + 12 * word(19), word(12)];
  const row = Buffer.alloc(bytesAcross);
  const picture = {
    width: width / every,
    height: height / every,
    data: new Uint8Array((width / every) * (height / every)),
  };
  return {
    /** Brightness of the upper third of the screen as it is now, made smaller: enough for the clock. */
    look() {
      for (let y = 0; y <= picture.height / 3; y++) {
        readSync(file, row, 0, bytesAcross, start + (y * every + every / 2) * bytesAcross);
        // Green of blue, green, red: the clock is black and white.
        for (let x = 0; x < picture.width; x++)
          picture.data[y * picture.width + x] = row[4 * (x * every + every / 2) + 1];
      }
      return picture;
    },
    async close() {
      server.kill();
      await ended;
      delete process.env.DISPLAY;
      remove();
    },
  };
}
