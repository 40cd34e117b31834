import { readFileSync, rmSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * What vitest's JSON report tells, of a run and of a second try of what failed in it.
 * @typedef {object} Report
 * @property {Map<string, { file: string, name: string, status: string }>} tests by file and name
 * @property {Map<string, string>} broken files that failed beside their tests (a hook, a line that does not compile) →
 *   what was said
 * @property {Unhandled[]} unhandled errors that no test caught, such as the crash of a process of tests
 */

/** @typedef {{ crash: boolean, message: string, during: string[] }} Unhandled `during`: files, where they are known */

/**
 * @typedef {object} Failure
 * @property {string} [file] undefined when it is not known
 * @property {string} [name] of the test; undefined when it is the file's
 * @property {'crash' | 'uncaught'} [by] how the file's process ended, or that it had an error which no test caught
 * @property {string} text
 */

/** A run with more failures than this is broken, not unlucky. */
export const mostUnlucky = 3;

/** @param {string} path of the JSON report */
const unhandledPath = (path) => path.replace(/\.json$/, '.unhandled.json');

/** Takes away what an earlier run wrote. @param {string} path */
export function removeReport(path) {
  for (const one of [path, unhandledPath(path)]) rmSync(one, { force: true });
}

/**
 * vitest's arguments for a report. @param {string} path as the process of vitest names it
 * @returns {string[]}
 */
export function reporting(path) {
  const reporters = ['default', 'json', './test/support/unhandledReporter.mjs'];
  return [...reporters.map((name) => `--reporter=${name}`), `--outputFile.json=${path}`];
}

/**
 * @param {string} path
 * @returns {Report | undefined} undefined when vitest wrote none
 */
export function readReport(path) {
  try {
    const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
    const unhandled = JSON.parse(readFileSync(unhandledPath(path), 'utf8'));
    /** @type {Report} */
    const report = { tests: new Map(), broken: new Map(), unhandled };
    for (const result of testResults) addFile(report, result);
    return report;
  } catch {
    return undefined;
  }
}

/**
 * @param {Report} report
 * @param {{ name: string, status: string, message: string, assertionResults: { status: string, fullName: string }[] }} file
 */
function addFile({ tests, broken }, { name: path, status, message, assertionResults }) {
  const file = path.slice(Math.max(0, path.lastIndexOf('/test/') + 1));
  for (const test of assertionResults)
    tests.set(`${file}: ${test.fullName}`, { file, name: test.fullName, status: test.status });
  const failed = assertionResults.some((test) => test.status === 'failed');
  if (status === 'failed' && !failed) broken.set(file, message.split('\n', 1)[0] ?? '');
}

/** @param {Report | undefined} report @returns {Counts} */
export function countsOf(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status } of report?.tests.values() ?? [])
    counts[status === 'passed' || status === 'failed' ? status : 'skipped']++;
  counts.failed += (report?.broken.size ?? 0) + (report?.unhandled.length ?? 0);
  return counts;
}

/** @param {Report | undefined} report @returns {Failure[]} */
export function failuresOf(report) {
  if (!report) return [];
  return [
    ...[...report.tests].flatMap(([text, { file, name, status }]) =>
      status === 'failed' ? [{ file, name, text }] : [],
    ),
    ...[...report.broken].map(([file, message]) => ({ file, text: `${file}: ${message}` })),
    ...report.unhandled.flatMap(unhandledFailures),
  ];
}

/** @param {Unhandled} error @returns {Failure[]} */
function unhandledFailures({ crash, message, during }) {
  const [by, what] = crash ? /** @type {const} */ (['crash', 'its process crashed']) : ['uncaught', 'no test caught'];
  if (during.length === 0) return [{ by, text: `${what}: ${message}` }];
  return during.map((file) => ({ file, by, text: `${file}: ${what}: ${message}` }));
}

/**
 * Some tests are judged by clocks, and a machine that is shared may take the CPU away for half a second. What failed is
 * run once more, alone, and named at the end either way. An error that no test caught is no bad luck, unless it is what a
 * failed test of its file left behind; a crash may be some under wine alone.
 * @param {Failure[]} failures
 * @param {boolean} [crashes] whether files whose process crashed are tried again
 * @returns {string[] | undefined} vitest's arguments for that; undefined when there is nothing to try or too much
 */
export function secondTry(failures, crashes = false) {
  if (failures.length === 0 || failures.length > mostUnlucky) return undefined;
  const filesOfTests = new Set(failures.flatMap(({ file, name }) => (name === undefined ? [] : [file])));
  const isBadLuck = ({ file, by }) => (by === 'crash' ? crashes : by !== 'uncaught' || filesOfTests.has(file));
  if (!failures.every((failure) => failure.file !== undefined && isBadLuck(failure))) return undefined;
  const files = [...new Set(failures.flatMap(({ file }) => file ?? []))];
  if (failures.some(({ name }) => name === undefined)) return files;
  // Any sign for one that a pattern, a shell or wine's command line would read in its own way.
  const names = failures.map(({ name }) => name?.replaceAll(/[^\w ]/g, '.'));
  return [...files, '-t', `(${names.join('|')})$`];
}

/** @param {string[]} names of what is tried once more */
export function announceSecondTry(names) {
  process.stdout.write(`\nOnce more, alone:\n${names.map((name) => `  ${name}\n`).join('')}`);
}

/**
 * Runs vitest, and what failed once more where that is for secondTry() to say.
 * @param {(again?: string[]) => Promise<{ ok: boolean, report: Report | undefined }>} run `again`: vitest's arguments of a
 *   second try
 * @param {() => boolean} mayTryAgain
 * @param {boolean} [crashes] whether files whose process crashed are tried again
 * @returns {Promise<{ ok: boolean, report: Report | undefined, unlucky: string[] }>} `unlucky`: names of what passed at the
 *   second try alone
 */
export async function withSecondTry(run, mayTryAgain, crashes = false) {
  const first = await run();
  const failures = failuresOf(first.report);
  const again = first.ok || !mayTryAgain() ? undefined : secondTry(failures, crashes);
  if (!first.report || !again) return { ...first, unlucky: [] };
  const names = failures.map(({ text }) => text);
  announceSecondTry(names);
  const second = await run(again);
  const report = mended(first.report, second.report);
  const ok = second.ok && failuresOf(report).length === 0;
  return { ok, report, unlucky: ok ? names : [] };
}

/**
 * Puts what a second try showed in the place of what failed.
 * @param {Report} first @param {Report | undefined} second
 * @returns {Report}
 */
export function mended(first, second) {
  if (!second) return first;
  const tests = new Map(first.tests);
  for (const [key, test] of second.tests) {
    // Those that were left out this time are skipped in its report.
    if (test.status === 'passed' || test.status === 'failed') tests.set(key, test);
  }
  const ran = new Set([...second.tests.values()].map(({ file }) => file));
  const stillBroken = [...first.broken].filter(([file]) => !ran.has(file));
  const stillUnhandled = first.unhandled.filter(
    ({ during }) => during.length === 0 || during.some((file) => !ran.has(file)),
  );
  return {
    tests,
    broken: new Map([...stillBroken, ...second.broken]),
    unhandled: [...stillUnhandled, ...second.unhandled],
  };
}
