/**
 * Runs one process for long and fails when it grows: `--scenario call` or `reconnect`, `--minutes`, `--json`, `--keep`. Exit
 * code 1 when memory, heap, handles, threads or file descriptors have a slope, or when the scenario itself saw something
 * wrong.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeResult } from '../../bench/support/results.mjs';
import { ResourceLog, sampleLine } from './ResourceLog.mjs';
import { judge, resultRows, verdictTable } from './verdict.mjs';

/**
 * @typedef {object} Scenario
 * @property {number} minutes unless told otherwise
 * @property {number} leastMinutes
 * @property {(minutes: number) => number} roundMs a round's samples are judged as one point
 * @property {(rounds: number) => number} warmUpRounds that are not judged
 * @property {string} [about] in the documents
 * @property {(context: Context) => Promise<Outcome>} run
 *
 * @typedef {object} Context
 * @property {number} minutes
 * @property {number} rounds
 * @property {number} roundMs
 * @property {string} folder for its files; removed at the end
 * @property {ResourceLog} log
 * @property {(sample: import('./ResourceLog.mjs').Sample, note?: string) => void} progress
 *
 * @typedef {object} Outcome
 * @property {string[]} problems
 * @property {number[]} [busyRounds] in which the machine had too much to do for a judgement
 * @property {string[]} facts lines to print
 * @property {object} details the same and more, for --json
 */

// It is this process's own: what it starts is to run as always.
for (const name of process.env.RTCROOM_SOAK_ALLOCATOR?.split(',') ?? []) delete process.env[name];

/** Each loads what it runs, and no more. @type {Record<string, () => Promise<Scenario>>} */
const scenarios = {
  call: async () => (await import('./call.mjs')).call,
  reconnect: async () => (await import('./reconnect.mjs')).reconnect,
};

/** Whose results the documents show. */
const keptScenario = 'reconnect';

const usage = `Usage: npm run soak -- [--scenario ${Object.keys(scenarios).join('|')}] [--minutes N] [--json] [--keep]
  --keep   of ${keptScenario}: also writes bench/results/soak.json for \`npm run docs\`, whatever came out
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'call' },
      minutes: { type: 'string' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (!Object.hasOwn(scenarios, values.scenario)) throw new RangeError(`there is no scenario named ${values.scenario}`);
  if (values.keep && values.scenario !== keptScenario) throw new RangeError(`--keep is for ${keptScenario} alone`);
  return values;
}

/** @param {string} message */
function refuse(message) {
  process.stderr.write(`${message}\n${usage}`);
  process.exit(2);
}

let options;
try {
  options = readOptions();
} catch (error) {
  refuse(error.message);
}
const { json, keep, help } = options;
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
const scenario = await scenarios[options.scenario]();
const minutes = options.minutes === undefined ? scenario.minutes : Number(options.minutes);
if (!(minutes >= scenario.leastMinutes && minutes <= 24 * 60)) {
  refuse(`--minutes of ${options.scenario} must be from ${scenario.leastMinutes} to 1440`);
}

const say = (text) => json || process.stdout.write(`${text}\n`);
const temporary = mkdtempSync(join(tmpdir(), 'rtcroom-soak-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const log = new ResourceLog(join(temporary, 'samples.jsonl'));
const folder = join(temporary, 'files');
mkdirSync(folder);
const roundMs = scenario.roundMs(minutes);
const rounds = Math.floor((minutes * 60_000) / roundMs);
const warmUpRounds = scenario.warmUpRounds(rounds);
const progress = (sample, note = '') => say(`${sampleLine(sample)}  ${note}`.trimEnd());
// Rounds may take longer than planned, but a call that never ends must not hold the soak for ever.
const hang = setTimeout(
  () => {
    process.stderr.write(`soak: FAILED, not done after ${2 * minutes + 5} minutes: something never ended\n`);
    process.exit(1);
  },
  (2 * minutes + 5) * 60_000,
);
const {
  problems,
  busyRounds = [],
  facts,
  details,
} = await scenario.run({ minutes, rounds, roundMs, folder, log, progress });
clearTimeout(hang);
const samples = log.read();
const verdict = judge(samples, warmUpRounds, busyRounds);
const ok = problems.length === 0 && verdict.every(({ held }) => held);
if (json) {
  process.stdout.write(`${JSON.stringify({ ok, verdict, problems, details, warmUpRounds, busyRounds, samples })}\n`);
}
if (keep) {
  const rows = resultRows(verdict, { what: scenario.about, problems, busyRounds, facts });
  writeResult('soak', { options: { minutes }, rows });
}
say(verdictTable(verdict));
for (const fact of facts) say(fact);
for (const problem of problems) say(`wrong: ${problem}`);
say(ok ? 'soak: ok' : 'soak: FAILED');
process.exitCode = ok ? 0 : 1;
