import { spawn } from 'node:child_process';

const startDeadlineMs = 20_000;
const size = { width: 1280, height: 720 };

/**
 * A screen without a monitor (Xvfb), for windows. `display` is what DISPLAY takes.
 * @returns {Promise<{ display: string, width: number, height: number, close(): Promise<void> }>}
 */
export async function startDisplay() {
  const screen = `${size.width}x${size.height}x24`;
  // -displayfd: the server chooses a free number and says it when it takes clients.
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const number = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Xvfb did not start in time')), startDeadlineMs);
    let text = '';
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`Xvfb ended with ${code} before it took clients`)));
    /** @type {import('node:stream').Readable} */ (child.stdio[3]).setEncoding('utf8').on('data', (part) => {
      text += part;
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      resolve(text.trim());
    });
  }).catch(async (error) => {
    await close();
    throw error;
  });
  return { display: `:${number}`, ...size, close };
}
