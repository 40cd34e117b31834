#!/usr/bin/env node
/**
 * Runs the tests inside a Windows node.exe under wine, against room services and media servers on this Linux machine.
 * `--node 22` (again for more) takes some of the Node.js versions alone, `--only <suite>` some of the suites; what stands
 * behind `--` goes to vitest. Up to three tests of a run that fail are run once more, alone, and named; `--once` runs
 * nothing twice. Needs what `node scripts/setup.mjs --windows` makes. Ends with one line that counts.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { notOnWindows, suites } from '../test/windows/suites.mjs';
import { withLock } from './setup/lock.mjs';
import { countsOf, failuresOf, readReport, removeReport, reporting, withSecondTry } from './vitestReport.mjs';
import { startDisplay } from './windows/display.mjs';
import { ffprobeFolder, layout, nodePrograms, windowsPath } from './windows/layout.mjs';
import { runWindows } from './windows/run.mjs';
import { startSoundServer } from './windows/soundServer.mjs';
import { refreshTree } from './windows/tree.mjs';
import { endWine, prefixOfLane } from './windows/wine.mjs';

/** Of one run, with room for a busy machine; a hang ends here. */
const deadlineMs = 900_000;

/**
 * @typedef {object} Run
 * @property {string} node
 * @property {string[]} suites
 * @property {string[]} filters files whose names hold one of them; all when empty
 * @property {boolean} servicesOnLinux room service and media server of the whole calls
 */

const quick = suites.filter(({ media }) => !media).map(({ name }) => name);
const media = suites.filter(({ media }) => media).map(({ name }) => name);

/**
 * The whole of it in the newer version; in the older a part that touches all of the addon, with its services inside
 * Windows. Lanes go on side by side, each in a Windows and on a screen of its own: one computes and starts processes, the
 * other mostly waits for media.
 * @type {Run[][]}
 */
const lanes = [
  [{ node: '22', suites: media, filters: [], servicesOnLinux: true }],
  [
    { node: '22', suites: quick, filters: [], servicesOnLinux: true },
    {
      node: '20',
      suites: [...quick, ...media],
      filters: ['live.contract', 'roomCall', 'engine.embedded', 'engine.liteav.r4', 'engine.process'],
      servicesOnLinux: false,
    },
  ],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    once: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** @typedef {import('./vitestReport.mjs').Counts} Counts */

/** What of a run is asked for. @param {Run} run @returns {string[]} its suites */
function chosenOf({ node, suites }) {
  if (values.node && !values.node.includes(node)) return [];
  return suites.filter((suite) => !values.only || values.only.includes(suite));
}

/** @typedef {{ hostUrl: string, display: string, sound: string, prefix: string }} Place */

/**
 * @param {Run} one @param {Place} place @param {AbortSignal} signal
 * @returns {Promise<{ title: string, ok: boolean, seconds: number, counts: Counts, failures: string[], unlucky: string[] }>}
 */
async function runOne(one, place, signal) {
  const started = Date.now();
  const chosen = chosenOf(one);
  const run = {
    one,
    chosen,
    title: `node ${one.node} ${chosen.join(' ')}`,
    name: `node${one.node}-${chosen.join('-')}`,
  };
  const what = positionals.length > 0 ? positionals : one.filters;
  const { ok, report, unlucky } = await withSecondTry(
    (again) =>
      again
        ? runVitest({ ...run, name: `${run.name}-again` }, again, place, signal)
        : runVitest(run, what, place, signal),
    () => !values.once && !signal.aborted,
    // Once a process of tests ended here for a reason nobody found: what wine does to it is not known.
    true,
  );
  const counts = countsOf(report);
  return {
    title: run.title,
    ok,
    seconds: (Date.now() - started) / 1000,
    counts: ok ? counts : { ...counts, failed: Math.max(1, counts.failed) },
    failures: failuresOf(report).map(({ text }) => text),
    unlucky,
  };
}

/**
 * @param {{ one: Run, chosen: string[], title: string, name: string }} run @param {string[]} what vitest's arguments
 * @param {Place} place @param {AbortSignal} signal
 */
async function runVitest({ one, chosen, title, name }, what, { hostUrl, display, sound, prefix }, signal) {
  const path = join(layout.logs, `${name}.json`);
  removeReport(path);
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/windows/vitest.config.ts',
    ...chosen.flatMap((suite) => ['--project', suite]),
    // A file that was asked for is in one of the runs alone.
    ...(positionals.length > 0 ? ['--passWithNoTests'] : []),
    ...reporting(windowsPath(path)),
    ...what,
  ];
  const program = nodePrograms[one.node] ?? '';
  const env = {
    DISPLAY: display,
    PULSE_SERVER: sound,
    NO_COLOR: '1',
    NODE_OPTIONS: `--require "Z:${join(layout.tree, 'wineCompat.cjs')}"`,
    // wine joins it with Windows' own folders.
    WINEPATH: windowsPath(ffprobeFolder),
    RTCROOM_STANDINS: windowsPath(layout.standins),
    RTCROOM_TEST_WINDOW: windowsPath(join(layout.tools, 'testWindow.exe')),
    RTCROOM_LINUX_HOST: hostUrl,
    RTCROOM_SERVICES: one.servicesOnLinux ? 'linux' : 'here',
  };
  const { code, late } = await runWindows({ name, title, program, args, prefix, env, deadlineMs, signal });
  const report = readReport(path);
  if (late) {
    process.stderr.write(`${title} was killed: not done after ${deadlineMs / 1000} s.\n`);
    // What it started would go on beside the lane's next run.
    endWine(prefix);
  } else if (!report) process.stderr.write(`${title} ended with ${code} and no report; see ${layout.logs}.\n`);
  return { report, ok: code === 0 && report !== undefined };
}

/**
 * One after another, in a Windows, on a screen and with loudspeakers of the lane's own.
 * @param {Run[]} lane @param {number} index @param {AbortSignal} signal
 */
async function runLane(lane, index, signal) {
  const { startLinuxHost } = await import('../test/windows/support/linuxHost.mjs');
  if (lane.every((one) => chosenOf(one).length === 0)) return [];
  const prefix = prefixOfLane(index);
  /** @type {(() => unknown)[]} */
  const closings = [];
  try {
    const screen = await startDisplay();
    closings.unshift(() => screen.close());
    const sound = await startSoundServer();
    closings.unshift(() => sound.close());
    // What a killed run began would go on.
    closings.unshift(() => endWine(prefix));
    const host = await startLinuxHost({ screen, shots: join(layout.shots, String(index + 1)) });
    closings.unshift(() => host.close());
    const place = { hostUrl: host.url, display: screen.display, sound: sound.address, prefix };
    const results = [];
    for (const one of lane) {
      if (signal.aborted || chosenOf(one).length === 0) continue;
      results.push(await runOne(one, place, signal));
    }
    return results;
  } finally {
    for (const close of closings) await close();
  }
}

/** @param {string[] | undefined} asked @param {string[]} known @param {string} kind */
function unknownOf(asked, known, kind) {
  const unknown = (asked ?? []).filter((one) => !known.includes(one));
  if (unknown.length > 0) process.stderr.write(`There is no ${kind} ${unknown.join(', ')}: ${known.join(', ')}.\n`);
  return unknown.length > 0;
}

/** @param {AbortController} stop */
async function runAll(stop) {
  refreshTree();
  rmSync(layout.shots, { recursive: true, force: true });
  mkdirSync(layout.logs, { recursive: true });
  for (const [file, reason] of Object.entries(notOnWindows))
    process.stdout.write(`not on Windows: ${file}: ${reason}\n`);
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  // A lane that breaks ends the others, so that each takes down what it started.
  const settled = await Promise.allSettled(
    lanes.map((lane, index) =>
      runLane(lane, index, stop.signal).catch((error) => {
        stop.abort();
        throw error;
      }),
    ),
  );
  for (const lane of settled) if (lane.status === 'rejected') throw lane.reason;
  const results = settled.flatMap((lane) => (lane.status === 'fulfilled' ? lane.value : []));
  let second = 0;
  for (const { title, ok, seconds, counts, failures, unlucky } of results) {
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
    const [time, passed] = [seconds.toFixed(1).padStart(7), String(counts.passed).padStart(5)];
    lines.push(`${ok ? 'ok    ' : 'FAILED'} ${time} s ${passed} passed  ${title}`);
    lines.push(...unlucky.map((name) => `       only at the second try: ${name}`));
    lines.push(...failures.map((name) => `       failed: ${name}`));
    second += unlucky.length;
  }
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
  const lucky = second > 0 ? `, ${second} of the passed only at the second try` : '';
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped${lucky}\n`);
  if (total.passed === 0) process.stderr.write('No test ran.\n');
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function main() {
  const names = suites.map(({ name }) => name);
  const nodes = [...new Set(lanes.flat().map(({ node }) => node))];
  if (values.help) {
    process.stdout.write(
      "Usage: npm run test:windows -- [--node <major>]... [--only <suite>]... [--once] [-- vitest's arguments]\n",
    );
    process.stdout.write(`Node.js: ${nodes.join(', ')}. Suites: ${names.join(', ')}.\n`);
    return 0;
  }
  if (unknownOf(values.node, nodes, 'Node.js') || unknownOf(values.only, names, 'suite')) return 2;
  const stop = new AbortController();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(name, () => stop.abort());
  const code = await withLock(
    join(layout.base, 'test.lock'),
    () => runAll(stop),
    (pid) => process.stderr.write(`waiting for another run${pid ? ` (process ${pid})` : ''} to end\n`),
  );
  return stop.signal.aborted ? 130 : code;
}

process.exitCode = await main();
