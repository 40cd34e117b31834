import { setTimeout as delay } from 'node:timers/promises';
import { median } from '#lib/measure/index';
import { Connection, User } from './Connection.mjs';
import { Server } from './Server.mjs';
import { sampleAnswers } from './sampleAnswers.mjs';
import { openStores } from './stores.mjs';

const connections = 64;
const seats = 4;
/** A member's heartbeats in a call of a minute. */
const beats = 12;
/** Requests after which the code of a server is compiled. */
const warmUpRequests = 8000;
/** Nobody is to expire where the machine is slow. */
const heartbeatTimeoutMs = 600_000;

async function heartbeats({ connection, users: [user], roomID }, isOver) {
  await user.create(connection, roomID);
  await user.enter(connection, roomID);
  while (!isOver()) await user.beat(connection, roomID);
  await user.leave(connection, roomID);
}

/** Four people look for a room, enter, stay for a minute and leave; who is told of a change reads the members. */
async function calls({ connection, users, roomID }, isOver) {
  while (!isOver()) {
    await users[0].create(connection, roomID);
    const inside = [];
    for (const user of users) {
      await user.list(connection);
      await user.enter(connection, roomID);
      inside.push(user);
      for (const member of inside) await member.members(connection, roomID);
    }
    for (let beat = 0; beat < beats && !isOver(); beat++) for (const user of users) await user.beat(connection, roomID);
    for (let user = inside.pop(); user; user = inside.pop()) {
      await user.leave(connection, roomID);
      for (const member of inside) await member.members(connection, roomID);
    }
  }
}

const workloads = {
  [`heartbeats over ${connections} connections`]: heartbeats,
  [`${connections} calls of ${seats}, a minute each in one go`]: calls,
};

/** A server with its callers, logged in. */
async function prepare(options) {
  const server = await Server.start(options);
  const callers = await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const connection = new Connection(server.url);
      const roomID = `bench_${index}`;
      const users = [];
      for (let seat = 0; seat < seats; seat++) users.push(await User.login(connection, `${roomID}_${seat}`));
      return { connection, users, roomID };
    }),
  );
  return { server, callers };
}

/** Requests a second, and the server's CPU time (µs) a request, while `work` goes on: so long, and for so many at least. */
async function measure({ server, callers }, work, { seconds, requests = 1 }) {
  let isOver = false;
  const working = Promise.all(callers.map((caller) => work(caller, () => isOver))).finally(() => {
    isOver = true;
  });
  const answers = () => callers.reduce((sum, { connection }) => sum + connection.answered, 0);
  const reading = async () => {
    const { cpuMicros } = await server.used();
    return { cpuMicros, answered: answers(), ms: performance.now() };
  };
  const measuring = async () => {
    await delay(200);
    const before = await reading();
    await delay(seconds * 1000);
    while (!isOver && answers() - before.answered < requests) await delay(50);
    const after = await reading();
    isOver = true;
    const [answered, ms] = [after.answered - before.answered, after.ms - before.ms];
    const cpuMicros = after.cpuMicros - before.cpuMicros;
    return {
      requestsPerSecond: (answered * 1000) / ms,
      cpuMicros: cpuMicros / answered,
      cpuPercent: cpuMicros / 10 / ms,
    };
  };
  const [measured] = await Promise.all([measuring(), working]);
  return measured;
}

/**
 * The room API beside a bare fastify server that answers the same, in turns, and the share of its requests that the
 * service reaches: by the clock, and for the same CPU time where the caller, not the server, is at its limit.
 */
export async function roomApi({ runs, seconds }) {
  const stores = await openStores();
  const servers = {};
  const rows = [];
  try {
    servers['bare fastify'] = await prepare({ answers: await sampleAnswers() });
    for (const store of ['memory', 'file', 'redis'])
      servers[`ours, ${store}`] = await prepare({ ...stores[store](), heartbeatTimeoutMs });
    for (const [what, work] of Object.entries(workloads)) {
      const measured = Object.fromEntries(Object.keys(servers).map((way) => [way, []]));
      // The first turn warms up.
      for (let run = -1; run < runs; run++) {
        for (const [way, server] of Object.entries(servers)) {
          const turn = run < 0 ? { seconds: 0, requests: warmUpRequests } : { seconds };
          const one = await measure(server, work, turn);
          if (run >= 0) measured[way].push(one);
        }
      }
      for (const [way, turns] of Object.entries(measured)) {
        const bare = measured['bare fastify'];
        const middle = (pick) => median(turns.map(pick));
        rows.push({
          what,
          way,
          runs,
          requestsPerSecond: middle((turn) => turn.requestsPerSecond),
          cpuPercent: middle((turn) => turn.cpuPercent),
          cpuMicros: middle((turn) => turn.cpuMicros),
          ratio: middle((turn, index) => turn.requestsPerSecond / bare[index].requestsPerSecond),
          cpuRatio: middle((turn, index) => bare[index].cpuMicros / turn.cpuMicros),
        });
      }
    }
  } finally {
    for (const { server, callers } of Object.values(servers)) {
      for (const { connection } of callers) await connection.close();
      await server.close();
    }
    await stores.close();
  }
  return rows;
}
