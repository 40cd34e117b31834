import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { percentile } from '#lib/measure/index';
import { Connection } from './Connection.mjs';
import { makeRooms, seats } from './makeRooms.mjs';
import { Server } from './Server.mjs';
import { openStores } from './stores.mjs';

const rooms = 10_000;
const members = rooms * seats;
const connections = 256;
const beatIntervalMs = 5000;
/** Every so-manieth room falls silent, and must be gone a timeout (20 s) and a sweep (5 s) later. */
const silentEvery = 100;
const measuredMs = 32_000;
const slots = 1000;

/** Every member beats once in each interval, whether or not the beat before was answered; times count from when it was due. */
class Hearts {
  latenciesMs = [];
  answered = 0;
  refused = 0;
  waiting = 0;
  failure;
  #slots = Array.from({ length: slots }, () => []);
  #connections;
  #count = 0;
  #stopped = false;

  constructor(all) {
    this.#connections = all;
    this.running = this.#run();
  }

  add(member) {
    this.#slots[this.#count % slots].push(member);
    member.connection = this.#connections[this.#count % this.#connections.length];
    this.#count++;
  }

  silence(isSilent) {
    this.#slots = this.#slots.map((slot) => slot.filter((member) => !isSilent(member)));
  }

  clear() {
    this.latenciesMs = [];
    this.answered = 0;
  }

  stop() {
    this.#stopped = true;
    return this.running;
  }

  async #run() {
    const started = performance.now();
    for (let tick = 0; !this.#stopped; tick++) {
      const dueMs = started + (tick * beatIntervalMs) / slots;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await delay(waitMs);
      for (const member of this.#slots[tick % slots]) this.#beat(member, dueMs);
    }
  }

  async #beat({ user, roomID, connection }, dueMs) {
    this.waiting++;
    try {
      await user.beat(connection, roomID);
      this.answered++;
      this.latenciesMs.push(performance.now() - dueMs);
    } catch (error) {
      this.refused++;
      this.failure ??= error;
    }
    this.waiting--;
  }
}

async function memberCount(url) {
  const { body } = await request(`${url}/metrics`);
  const [, count] = /^rtcroom_members\{type="multi_room"\} (\d+)$/m.exec(await body.text()) ?? [];
  return Number(count);
}

async function measure(options) {
  const server = await Server.start(options);
  const all = Array.from({ length: connections }, () => new Connection(server.url));
  const hearts = new Hearts(all);
  try {
    await makeRooms(all.slice(0, 64), 0, rooms, (member) => hearts.add(member));
    const before = await memberCount(server.url);
    if (before !== members) throw new Error(`${before} of ${members} members are inside: the machine is too slow`);
    hearts.silence(({ index }) => index % silentEvery === 0);
    hearts.clear();
    const startedMs = performance.now();
    const start = await server.used();
    await delay(measuredMs);
    const end = await server.used();
    const ms = performance.now() - startedMs;
    const { latenciesMs, answered, refused, waiting, failure } = hearts;
    if (failure) process.stderr.write(`a heartbeat was refused: ${failure.message}\n`);
    return {
      requestsPerSecond: (answered * 1000) / ms,
      wantedPerSecond: ((members - members / silentEvery) * 1000) / beatIntervalMs,
      p50Ms: percentile(latenciesMs, 50),
      p95Ms: percentile(latenciesMs, 95),
      p99Ms: percentile(latenciesMs, 99),
      maxMs: latenciesMs.reduce((a, b) => Math.max(a, b), 0),
      cpuPercent: (end.cpuMicros - start.cpuMicros) / 10 / ms,
      rssMb: end.rss / 2 ** 20,
      /** Not answered yet when the time was over. */
      waiting,
      /** Heartbeats of members who had expired although they beat: 0, or the service is wrong. */
      lost: refused,
      /** Members who fell silent and are still there: 0, or the service is late. */
      stale: (await memberCount(server.url)) - (members - members / silentEvery),
    };
  } finally {
    await hearts.stop();
    for (const connection of all) await connection.close();
    await server.close();
  }
}

/** 10,000 rooms of four beat every 5 s while the service has one core, and every hundredth room falls silent. */
export async function presence() {
  const stores = await openStores();
  const rows = [];
  try {
    for (const store of ['memory', 'file', 'redis']) {
      const measured = await measure(stores[store]());
      rows.push({ what: `${members} members beat every 5 s`, way: `ours, ${store}`, runs: 1, ...measured });
    }
  } finally {
    await stores.close();
  }
  return rows;
}
