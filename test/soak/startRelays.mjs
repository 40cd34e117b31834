import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Relays before some addresses, in a process of their own; all are cut together. One call at a time.
 * @param {string[]} urls
 */
export async function startRelays(urls) {
  const child = fork(fileURLToPath(new URL('relayProcess.mjs', import.meta.url)));
  const gone = new AbortController();
  const exit = once(child, 'exit').finally(() => gone.abort(new Error('the process of the relays ended')));
  const call = async (name, more) => {
    const answer = once(child, 'message', { signal: gone.signal });
    child.send({ call: name, ...more });
    const [{ result, error }] = await answer;
    if (error !== undefined) throw new Error(`a relay failed: ${error}`);
    return result;
  };
  return {
    /** @type {string[]} the same addresses through the relays */
    urls: await call('start', { urls }),
    cut: () => call('cut'),
    /** Cuts, and new connections are refused until `accept`. */
    refuse: () => call('refuse'),
    accept: () => call('accept'),
    close: async () => {
      child.disconnect();
      await exit;
    },
  };
}
