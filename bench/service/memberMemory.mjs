import { theilSenSlope } from '#lib/measure/index';
import { Connection } from './Connection.mjs';
import { EventStream } from './EventStream.mjs';
import { makeRooms, seats } from './makeRooms.mjs';
import { Server } from './Server.mjs';
import { openStores } from './stores.mjs';

const steps = 5;
const roomsPerStep = 500;
const streamsPerStep = 400;
/** Members do not beat here, and are to stay. */
const heartbeatTimeoutMs = 600_000;

/** Growth in KiB each, resident and in JavaScript, over what `step` adds; garbage is collected before each reading. */
async function growth(server, addedPerStep, step) {
  const readings = [];
  for (let index = 0; index <= steps; index++) {
    if (index > 0) await step(index - 1);
    const { rss, heap } = await server.used({ collect: true });
    readings.push({ x: index * addedPerStep, rss, heap });
  }
  const slope = (key) => theilSenSlope(readings.map((reading) => ({ x: reading.x, y: reading[key] }))) / 1024;
  return { rssKb: slope('rss'), heapKb: slope('heap') };
}

async function measure(options) {
  const server = await Server.start(options);
  const connections = Array.from({ length: 16 }, () => new Connection(server.url));
  const users = [];
  const streams = [];
  try {
    // What the first requests leave is not the members': code, buffers, statements.
    await makeRooms(connections, 0, roomsPerStep);
    const members = await growth(server, roomsPerStep * seats, (step) => {
      const first = (step + 1) * roomsPerStep;
      return makeRooms(connections, first, first + roomsPerStep, ({ user }) => users.push(user));
    });
    const open = async (count) => {
      const listening = users.splice(0, count).map((user) => EventStream.open(server.url, user));
      streams.push(...(await Promise.all(listening)));
    };
    await open(streamsPerStep);
    const opened = await growth(server, streamsPerStep, () => open(streamsPerStep));
    return { members, streams: opened };
  } finally {
    for (const one of [...streams, ...connections]) await one.close();
    await server.close();
  }
}

/** Memory of the service that a member takes, and an open event stream of a member besides. */
export async function memberMemory() {
  const stores = await openStores();
  const rows = [];
  try {
    for (const store of ['memory', 'file', 'redis']) {
      const { members, streams } = await measure({ ...stores[store](), heartbeatTimeoutMs });
      rows.push({ what: 'memory of a member', way: `ours, ${store}`, runs: 1, ...members });
      rows.push({ what: 'memory of an event stream', way: `ours, ${store}`, runs: 1, ...streams });
    }
  } finally {
    await stores.close();
  }
  return rows;
}
