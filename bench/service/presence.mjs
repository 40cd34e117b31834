import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { percentile } from '#lib/measure/index';
import { Connection, User } from './Connection.mjs';
import { Hearts } from './Hearts.mjs';
import { makeRooms, seats } from './makeRooms.mjs';
import { Server } from './Server.mjs';
import { sampleAnswers } from './sampleAnswers.mjs';
import { openStores } from './stores.mjs';

const allRooms = 10_000;
/** Of a run that is too short to see anybody expire: it only shows that all works. */
const fewRooms = 500;
const beatConnections = 256;
/** Others, so that no call of who enters waits behind heartbeats: a room that nobody is in yet has 30 s. */
const fillConnections = 64;
const beatIntervalMs = 5000;
/** While rooms fill members beat half as often, well within their 20 s: it is the full house that is measured. */
const fillBeatIntervalMs = 10_000;
/** Every so-manieth room falls silent, and must be gone a timeout (20 s) and a sweep (5 s) later. */
const silentEvery = 100;
const expirySeconds = 27;

async function memberCount(url) {
  const { body } = await request(`${url}/metrics`);
  const [, count] = /^rtcroom_members\{type="multi_room"\} (\d+)$/m.exec(await body.text()) ?? [];
  return Number(count);
}

/** What a server does while all beat: the share of its core, times, and beats that came late or were refused. */
async function observe(server, hearts, seconds) {
  hearts.clear();
  const startedMs = performance.now();
  const start = await server.used();
  await delay(seconds * 1000);
  const end = await server.used();
  const ms = performance.now() - startedMs;
  const { latenciesMs, answered, refused, late, failure, maxBehindMs } = hearts;
  if (failure) process.stderr.write(`a heartbeat was refused: ${failure.message}\n`);
  return {
    requestsPerSecond: (answered * 1000) / ms,
    p50Ms: percentile(latenciesMs, 50),
    p95Ms: percentile(latenciesMs, 95),
    p99Ms: percentile(latenciesMs, 99),
    maxMs: latenciesMs.reduce((most, one) => Math.max(most, one), 0),
    cpuPercent: (end.cpuMicros - start.cpuMicros) / 10 / ms,
    cpuMicros: (end.cpuMicros - start.cpuMicros) / answered,
    rssMb: end.rss / 2 ** 20,
    late,
    /** Of callers who were behind the times count from when a beat was due all the same. */
    callersBehindMs: maxBehindMs,
    /** Heartbeats of members who had expired although they beat: 0, or the service is wrong. */
    lost: refused,
  };
}

/** `fill` gets the connections for it and puts members among the hearts; the result has what `judge` adds. */
async function measure(options, { seconds, fill, judge }) {
  const server = await Server.start(options);
  const filling = Array.from({ length: fillConnections }, () => new Connection(server.url));
  const beating = Array.from({ length: beatConnections }, () => new Connection(server.url));
  const hearts = new Hearts(beating, fillBeatIntervalMs);
  try {
    await fill({ server, filling, hearts });
    hearts.intervalMs = beatIntervalMs;
    // Until all have beaten once at that pace: what came before is not measured.
    await delay(beatIntervalMs);
    hearts.silence(({ index }) => index % silentEvery === 0);
    const observed = await observe(server, hearts, seconds);
    return { ...observed, ...(await judge?.(server)) };
  } finally {
    await hearts.stop();
    for (const connection of [...filling, ...beating]) await connection.close();
    await server.close();
  }
}

/** Nobody is kept there, so nobody has to enter. */
async function bare({ rooms, seconds }) {
  const fill = ({ hearts }) => {
    for (let index = 0; index < rooms; index++) {
      const roomID = `bench_${index}`;
      for (let seat = 0; seat < seats; seat++) {
        hearts.add({ user: new User(`${roomID}_${seat}`, 'x'.repeat(43)), roomID, index });
      }
    }
  };
  return measure({ answers: await sampleAnswers() }, { seconds, fill });
}

function ours(options, { rooms, seconds }) {
  const members = rooms * seats;
  let fillSeconds = 0;
  const fill = async ({ server, filling, hearts }) => {
    const startedMs = performance.now();
    await makeRooms(filling, 0, rooms, (member) => {
      if (hearts.failure) throw new Error(`members expire while rooms fill: ${hearts.failure.message}`);
      hearts.add(member);
    });
    fillSeconds = (performance.now() - startedMs) / 1000;
    const inside = await memberCount(server.url);
    if (inside !== members || hearts.failure) {
      throw new Error(`${inside} of ${members} members are inside: ${hearts.failure?.message ?? 'some expired'}`);
    }
  };
  const judge = async (server) => {
    const silent = Math.ceil(rooms / silentEvery) * seats;
    /** Members who fell silent and are still there: 0, or the service is late. */
    const stale = (await memberCount(server.url)) - (members - silent);
    return { fillSeconds, ...(seconds >= expirySeconds && { stale }) };
  };
  return measure(options, { seconds, fill, judge });
}

/**
 * 10,000 rooms of four beat every 5 s while the service has one core, and every hundredth room falls silent; beside a bare
 * fastify server that gets the same heartbeats. One after the other: each would have the core to itself. A store with which
 * members expire before all are in, 10 to 20 s late, because it or the machine is too slow, has that as its row.
 */
export async function presence({ seconds, progress }) {
  const rooms = seconds >= expirySeconds ? allRooms : fewRooms;
  const stores = await openStores();
  const what = `${(rooms * seats).toLocaleString('en')} members, each beats every ${beatIntervalMs / 1000} s`;
  const rows = [];
  try {
    progress('bare fastify');
    const other = await bare({ rooms, seconds });
    rows.push({ what, way: 'bare fastify', runs: 1, ...other, ratio: 1, cpuRatio: 1 });
    for (const store of ['memory', 'file', 'redis']) {
      progress(`${store}: rooms are filled, then observed for ${seconds} s`);
      const way = `ours, ${store}`;
      try {
        const own = await ours(stores[store](), { rooms, seconds });
        const ratio = own.requestsPerSecond / other.requestsPerSecond;
        rows.push({ what, way, runs: 1, ...own, ratio, cpuRatio: other.cpuMicros / own.cpuMicros });
      } catch (error) {
        progress(`${store} failed: ${error.message}`);
        rows.push({ what, way, runs: 1, failed: error.message });
      }
    }
  } finally {
    await stores.close();
  }
  return rows;
}
