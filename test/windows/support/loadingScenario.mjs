// Loads an SDK as its argument says (JSON: how to choose the engine) and prints what came of it. A process loads one SDK.
import { RtcError } from '#lib/errors';
import { engineInfo } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';

const { engine, make, call } = JSON.parse(process.argv[2]);

/** @param {() => unknown} action */
async function outcome(action) {
  try {
    return { value: await action() };
  } catch (error) {
    if (error instanceof RtcError) return { code: error.code, message: error.message, stack: String(error.stack) };
    throw error;
  }
}

async function object() {
  const one = make === 'player' ? new TXLivePlayer({ engine }) : new TXLivePusher({ engine });
  try {
    const [method, ...args] = call ?? ['close'];
    await one[method](...args);
  } finally {
    await one.close();
  }
}

const first = await outcome(() => engineInfo(engine));
const again = await outcome(() => engineInfo(engine));
const made = make ? await outcome(object) : undefined;
process.stdout.write(`ready\n${JSON.stringify({ first, again, made })}\n`);
