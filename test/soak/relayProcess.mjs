// The relays of the soak, in a process of their own, so that their sockets are not counted. One call at a time, as a
// message { call: 'start' | 'cut' | 'refuse' | 'accept', urls }; answers { result } or { error }.
import { startRelay } from '../support/relay.mjs';

/** @type {import('../support/relay.mjs').Relay[]} */
let relays = [];

const calls = {
  start: async ({ urls }) => {
    relays = await Promise.all(urls.map((url) => startRelay(url)));
    return relays.map(({ url }) => url);
  },
  cut: async () => {
    for (const relay of relays) relay.cut();
  },
  refuse: () => Promise.all(relays.map((relay) => relay.refuse())),
  accept: () => Promise.all(relays.map((relay) => relay.accept())),
};

process.on('message', async ({ call, ...rest }) => {
  try {
    process.send({ result: await calls[call](rest) });
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.on('disconnect', () => process.exit(0));
