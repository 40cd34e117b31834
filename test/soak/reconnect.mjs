import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { signature } from '#lib/server/media/urlSignature';
import { FaultyCall } from './FaultyCall.mjs';
import { checkRecordings } from './recordings.mjs';
import { startRelays } from './startRelays.mjs';

const samplesPerRound = 5;
const minuteMs = 60_000;
/** A start that takes over 15 s, on a machine with too much to do, counts as one. */
const maxQuickDeaths = 30;
/** Of the time without faults. A file begins at a key frame, which may be a second later. */
const leastRecorded = 0.95;

/** @param {EmbeddedMediaServer} media @param {number} minutes that the addresses must be good for */
function startNetwork(media, minutes) {
  const expiresAtSeconds = Math.ceil(Date.now() / 1000 + (minutes + 60) * 60);
  const signed = (key, streamID) => {
    const { txSecret, txTime } = signature(key, streamID, expiresAtSeconds);
    return `?txSecret=${txSecret}&txTime=${txTime}`;
  };
  const { rtmpUrl, httpUrl, pushKey, playKey } = media;
  return startRelays([
    `${rtmpUrl}/one${signed(pushKey, 'one')}`,
    `${rtmpUrl}/two${signed(pushKey, 'two')}`,
    `${rtmpUrl}/one${signed(playKey, 'one')}`,
    `${httpUrl}/two.flv${signed(playKey, 'two')}`,
  ]);
}

/** @returns {string[]} */
function facts({ faults, slowestRecoveryMs, sides }, busyRounds, recordings) {
  const { cut, outage, restart } = faults;
  const busy = busyRounds.length > 0 ? `; ${busyRounds.length} rounds not judged, the machine was too busy` : '';
  return [
    `${cut} cuts, ${outage} outages, ${restart} restarts, well again within ${(slowestRecoveryMs / 1000).toFixed(1)} s${busy}`,
    ...Object.entries(sides).map(([name, { begins, reconnects, pictures, lost, dropped }]) => {
      const { files, seconds } = recordings[name];
      const seen = pictures === undefined ? '' : `, ${pictures} pictures, ${lost} lost, ${dropped} not taken in time`;
      return `${name}: ${begins} begins, ${reconnects} retries, ${files} recordings of ${seconds.toFixed(0)} s${seen}`;
    }),
  ];
}

/**
 * Two pushers and two players (RTMP and HTTP-FLV) against the embedded media server, all recorded in slices. Each round
 * begins with a fault, in turn: every connection is reset; the media server is killed and away for seconds; the user stops
 * everything and starts it again. Then it is calm for half a round at least; samples are of the second half of that.
 * @type {import('./run.mjs').Scenario}
 */
export const reconnect = {
  about: '2 pushers and 2 players, all recorded, a fault of the network each minute',
  minutes: 30,
  leastMinutes: 2,
  /** A minute; where that makes less than 30 rounds a part of it, but 10 s at least: a fault takes up to five. */
  roundMs: (minutes) => Math.min(minuteMs, Math.max(minuteMs / 6, (minutes * minuteMs) / 30)),
  /** Each fault twice, and at least a fifth. */
  warmUpRounds: (rounds) => Math.max(6, Math.floor(rounds / 5)),
  async run({ rounds, roundMs, minutes, folder, log, progress }) {
    const media = new EmbeddedMediaServer({ maxQuickDeaths });
    let relays;
    let call;
    try {
      await media.start();
      relays = await startNetwork(media, minutes);
      call = new FaultyCall({ media, relays, folder, recoveryMs: roundMs / 2 });
      await call.start();
      for (let round = 0; round < rounds; round++) {
        const startedMs = performance.now();
        const kind = /** @type {const} */ (['cut', 'outage', 'restart'])[round % 3];
        await call.fault(kind, round);
        const calmMs = Math.max(roundMs / 2, roundMs - (performance.now() - startedMs));
        await delay(calmMs / 2);
        for (let count = 1; count <= samplesPerRound; count++) {
          await delay(calmMs / 2 / samplesPerRound);
          const sample = log.sample(round);
          if (count === samplesPerRound) progress(sample, `after: ${kind}`);
        }
        await call.endRound();
      }
      const figures = await call.finish();
      const names = call.sides.map(({ name }) => name);
      const recordings = await checkRecordings(folder, names, leastRecorded * figures.calmSeconds);
      return {
        problems: [...call.problems, ...recordings.problems],
        busyRounds: call.busyRounds,
        facts: facts(figures, call.busyRounds, recordings.sides),
        details: { ...figures, recordings: recordings.sides },
      };
    } finally {
      await call?.close();
      await relays?.close();
      await media.close();
    }
  },
};
