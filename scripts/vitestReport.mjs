import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * What vitest's JSON report tells.
 * @param {string} report its path
 * @returns {{ counts: Counts, failures: string[] } | undefined} `failures`: a name each, of tests and of files that could
 *   not be read; undefined when vitest wrote no report
 */
export function readReport(report) {
  try {
    const told = JSON.parse(readFileSync(report, 'utf8'));
    const counts = {
      passed: told.numPassedTests,
      failed: told.numFailedTests,
      skipped: told.numPendingTests + told.numTodoTests,
    };
    return { counts, failures: told.testResults.flatMap(failuresOf) };
  } catch {
    return undefined;
  }
}

/** @param {{ name: string, status: string, message: string, assertionResults: { status: string, fullName: string }[] }} file */
function failuresOf({ name, status, message, assertionResults }) {
  const path = name.slice(Math.max(0, name.lastIndexOf('/test/') + 1));
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map(({ fullName }) => `${path}: ${fullName}`);
  if (tests.length > 0 || status !== 'failed') return tests;
  return [`${path}: ${message.split('\n', 1)[0]}`];
}
