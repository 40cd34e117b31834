#!/usr/bin/env node
/**
 * Runs the tests inside a Windows node.exe under wine, against room services and media servers on this Linux machine.
 * `--node 22` (again for more) takes some of the Node.js versions alone, `--only <suite>` some of the suites; what stands
 * behind `--` goes to vitest. Needs what `node scripts/setup.mjs --windows` makes. Ends with one line that counts.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { notOnWindows, suites } from '../test/windows/suites.mjs';
import { withLock } from './setup/lock.mjs';
import { startDisplay } from './windows/display.mjs';
import { ffprobeFolder, layout, nodePrograms, windowsPath } from './windows/layout.mjs';
import { runWindows } from './windows/run.mjs';
import { refreshTree } from './windows/tree.mjs';
import { endWine } from './windows/wine.mjs';

/** Of one version of Node.js, with room for a busy machine; a hang ends here. */
const deadlineMs = 900_000;

/** The whole of it in the newer version; in the older a part that touches all of the addon, with its services inside Windows. */
const plans = [
  { node: '22', filters: [], servicesOnLinux: true },
  {
    node: '20',
    filters: ['live.contract', 'roomCall', 'engine.embedded', 'engine.liteav.r4', 'engine.process'],
    servicesOnLinux: false,
  },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {string} report @returns {Counts | undefined} undefined when vitest wrote none */
function countsOf(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return undefined;
  }
}

/**
 * @param {typeof plans[number]} plan @param {string} hostUrl @param {string} display @param {AbortSignal} signal
 * @returns {Promise<{ ok: boolean, counts: Counts }>}
 */
async function runPlan(plan, hostUrl, display, signal) {
  const name = `node${plan.node}`;
  const report = join(layout.logs, `${name}.json`);
  rmSync(report, { force: true });
  const chosen = suites.map(({ name }) => name).filter((suite) => !values.only || values.only.includes(suite));
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/windows/vitest.config.ts',
    ...chosen.flatMap((suite) => ['--project', suite]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${windowsPath(report)}`,
    ...(positionals.length > 0 ? positionals : plan.filters),
  ];
  const program = nodePrograms[plan.node] ?? '';
  const env = {
    DISPLAY: display,
    NO_COLOR: '1',
    NODE_OPTIONS: `--require "Z:${join(layout.tree, 'wineCompat.cjs')}"`,
    // wine joins it with Windows' own folders.
    WINEPATH: windowsPath(ffprobeFolder),
    RTCROOM_STANDINS: windowsPath(layout.standins),
    RTCROOM_TEST_WINDOW: windowsPath(join(layout.tools, 'testWindow.exe')),
    RTCROOM_LINUX_HOST: hostUrl,
    RTCROOM_SERVICES: plan.servicesOnLinux ? 'linux' : 'here',
  };
  const { code, late } = await runWindows({ name, program, args, env, deadlineMs, signal }).finally(
    // What a killed run began would go on beside the next one.
    endWine,
  );
  const counts = countsOf(report);
  if (late) process.stderr.write(`Node ${plan.node} was killed: not done after ${deadlineMs / 1000} s.\n`);
  else if (!counts) process.stderr.write(`Node ${plan.node} ended with ${code} and no report; see ${layout.logs}.\n`);
  else if (counts.passed === 0) process.stderr.write(`Node ${plan.node} ran no test.\n`);
  const ok = code === 0 && counts !== undefined && counts.passed > 0;
  const known = counts ?? { passed: 0, failed: 0, skipped: 0 };
  return { ok, counts: ok ? known : { ...known, failed: Math.max(1, known.failed) } };
}

/** @param {string[] | undefined} asked @param {string[]} known @param {string} kind */
function unknownOf(asked, known, kind) {
  const unknown = (asked ?? []).filter((one) => !known.includes(one));
  if (unknown.length > 0) process.stderr.write(`There is no ${kind} ${unknown.join(', ')}: ${known.join(', ')}.\n`);
  return unknown.length > 0;
}

/** @param {AbortSignal} signal */
async function runAll(signal) {
  refreshTree();
  rmSync(layout.shots, { recursive: true, force: true });
  mkdirSync(layout.logs, { recursive: true });
  for (const [file, reason] of Object.entries(notOnWindows))
    process.stdout.write(`not on Windows: ${file}: ${reason}\n`);
  const screen = await startDisplay();
  const { startLinuxHost } = await import('../test/windows/support/linuxHost.mjs');
  const host = await startLinuxHost({ screen, shots: layout.shots });
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  try {
    for (const plan of plans.filter(({ node }) => !values.node || values.node.includes(node))) {
      if (signal.aborted) break;
      process.stdout.write(`\n== Windows Node ${plan.node} under wine\n`);
      const started = Date.now();
      const { ok, counts } = await runPlan(plan, host.url, screen.display, signal);
      for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
      const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(7);
      lines.push(
        `${ok ? 'ok    ' : 'FAILED'} node ${plan.node} ${seconds} s ${String(counts.passed).padStart(5)} passed`,
      );
    }
  } finally {
    await host.close();
    await screen.close();
  }
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function main() {
  const names = suites.map(({ name }) => name);
  const nodes = plans.map(({ node }) => node);
  if (values.help) {
    process.stdout.write(
      "Usage: npm run test:windows -- [--node <major>]... [--only <suite>]... [-- vitest's arguments]\n",
    );
    process.stdout.write(`Node.js: ${nodes.join(', ')}. Suites: ${names.join(', ')}.\n`);
    return 0;
  }
  if (unknownOf(values.node, nodes, 'Node.js') || unknownOf(values.only, names, 'suite')) return 2;
  const stop = new AbortController();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(name, () => stop.abort());
  const code = await withLock(
    join(layout.base, 'test.lock'),
    () => runAll(stop.signal),
    (pid) => process.stderr.write(`waiting for another run${pid ? ` (process ${pid})` : ''} to end\n`),
  );
  return stop.signal.aborted ? 130 : code;
}

process.exitCode = await main();
