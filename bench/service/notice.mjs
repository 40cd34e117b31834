import { setTimeout as delay } from 'node:timers/promises';
import { median, percentile } from '#lib/measure/index';
import { Connection, User } from './Connection.mjs';
import { EventStream } from './EventStream.mjs';
import { Server } from './Server.mjs';
import { sampleAnswers } from './sampleAnswers.mjs';
import { openStores } from './stores.mjs';

const seats = 4;
const rooms = 100;
const entriesPerSecond = 50;
const beatIntervalMs = 5000;
const warmUpVisits = 4000;
/** Nobody is to expire while others are measured. */
const heartbeatTimeoutMs = 600_000;

/** From the call by which the last of four enters a room to the notice of it at the last of the four. */
class NoticeClock {
  ms = [];
  #heard = new Map();
  #entered = new Map();

  /** `version` of the room is what tells notices apart; the notice may come before the answer that names it. */
  hear({ groupID, version }) {
    const name = `${groupID} ${version}`;
    const heard = this.#heard.get(name) ?? { count: 0, lastMs: 0 };
    heard.count++;
    heard.lastMs = performance.now();
    this.#heard.set(name, heard);
    this.#settle(name);
  }

  enter(roomID, version, startedMs) {
    this.#entered.set(`${roomID} ${version}`, startedMs);
    this.#settle(`${roomID} ${version}`);
  }

  get missing() {
    return this.#entered.size;
  }

  #settle(name) {
    const [heard, startedMs] = [this.#heard.get(name), this.#entered.get(name)];
    if (startedMs === undefined || heard?.count !== seats) return;
    this.ms.push(heard.lastMs - startedMs);
    this.#heard.delete(name);
    this.#entered.delete(name);
  }

  clear() {
    this.ms = [];
    this.#heard.clear();
    this.#entered.clear();
  }
}

/** A server with rooms of three, each of whose members listens, as does the fourth outside. */
async function prepare(options) {
  const server = await Server.start(options);
  const connections = Array.from({ length: 16 }, () => new Connection(server.url));
  const clock = new NoticeClock();
  const streams = [];
  const made = [];
  for (let index = 0; index < rooms; index++) {
    const connection = connections[index % connections.length];
    const roomID = `bench_${index}`;
    const users = [];
    for (let seat = 0; seat < seats; seat++) {
      const user = await User.login(connection, `${roomID}_${seat}`);
      users.push(user);
      streams.push(await EventStream.open(server.url, user, (event) => clock.hear(event)));
      if (seat === 0) await user.create(connection, roomID);
      if (seat < seats - 1) await user.enter(connection, roomID);
    }
    made.push({ roomID, users, connection });
  }
  return { server, connections, streams, clock, rooms: made };
}

/** Calls `action` so often a second, whether or not it is done with the one before. Rejects when one has failed. */
async function atRate(perSecond, seconds, action) {
  const started = performance.now();
  const all = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const waitMs = started + (index * 1000) / perSecond - performance.now();
    if (waitMs > 0) await delay(waitMs);
    all.push(action(index));
  }
  await Promise.all(all);
}

/** The last of four enters, stays for so long and leaves. */
async function visit({ clock }, { roomID, users, connection }, stayMs) {
  const last = users[seats - 1];
  const pushURL = await last.pushURL(connection, roomID);
  const startedMs = performance.now();
  const answer = await last.takeSeat(connection, roomID, pushURL);
  clock.enter(roomID, JSON.parse(answer).version, startedMs);
  if (stayMs > 0) await delay(stayMs);
  await last.leave(connection, roomID);
}

/** So often that the code of server and client is compiled: the measured entries are few, and a service runs for days. */
async function warmUp(server) {
  const visits = async (room) => {
    for (let time = 0; time < warmUpVisits / rooms; time++) await visit(server, room, 0);
  };
  await Promise.all(server.rooms.map(visits));
}

async function measure(server, seconds) {
  const { clock, rooms: made } = server;
  clock.clear();
  // A room is entered again when who was in it has left, however slow the machine is.
  const entering = (index) => {
    const room = made[index % rooms];
    room.visits = Promise.resolve(room.visits).then(() => visit(server, room, 500));
    return room.visits;
  };
  const beating = (index) => {
    const { roomID, users, connection } = made[index % rooms];
    return users[Math.floor(index / rooms) % (seats - 1)].beat(connection, roomID);
  };
  const beatsPerSecond = (rooms * (seats - 1) * 1000) / beatIntervalMs;
  await Promise.all([atRate(entriesPerSecond, seconds, entering), atRate(beatsPerSecond, seconds, beating)]);
  for (const end = performance.now() + 5000; clock.missing > 0 && performance.now() < end; ) await delay(10);
  return {
    lost: clock.missing,
    samples: clock.ms.length,
    p50Ms: percentile(clock.ms, 50),
    p95Ms: percentile(clock.ms, 95),
    p99Ms: percentile(clock.ms, 99),
    maxMs: Math.max(...clock.ms),
  };
}

/**
 * Notices of somebody's entering, beside a bare server that writes them to the streams at once: what the machine and the
 * client of the benchmark take by themselves. In turns.
 */
export async function notice({ runs, seconds }) {
  const stores = await openStores();
  const servers = {};
  const rows = [];
  try {
    servers['bare fastify'] = await prepare({ answers: await sampleAnswers() });
    for (const store of ['memory', 'file', 'redis']) {
      servers[`ours, ${store}`] = await prepare({ ...stores[store](), heartbeatTimeoutMs });
    }
    const measured = Object.fromEntries(Object.keys(servers).map((way) => [way, []]));
    for (const server of Object.values(servers)) await warmUp(server);
    for (let run = 0; run < runs; run++) {
      for (const [way, server] of Object.entries(servers)) measured[way].push(await measure(server, seconds));
    }
    for (const [way, turns] of Object.entries(measured)) {
      const row = { what: `notice to the last of ${seats} members, ${rooms} rooms`, way, runs };
      for (const key of ['p50Ms', 'p95Ms', 'p99Ms', 'maxMs']) row[key] = median(turns.map((turn) => turn[key]));
      for (const key of ['lost', 'samples']) row[key] = turns.reduce((sum, turn) => sum + turn[key], 0);
      rows.push(row);
    }
  } finally {
    for (const { server, connections, streams } of Object.values(servers)) {
      for (const one of [...streams, ...connections]) await one.close();
      await server.close();
    }
    await stores.close();
  }
  return rows;
}
