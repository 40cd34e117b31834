import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { countsOf, failuresOf, mended, type Report, readReport, secondTry } from '../../scripts/vitestReport.mjs';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A file's tests, name → status, or what broke the file beside them. */
type Files = Record<string, { tests: Record<string, string>; broken?: string }>;

/** As vitest writes it. */
function reportOf(files: Files, unhandled: Report['unhandled'] = []): Report {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  folders.push(folder);
  const testResults = Object.entries(files).map(([file, { tests, broken }]) => ({
    name: `/somewhere/test/${file}`,
    status: broken !== undefined || Object.values(tests).includes('failed') ? 'failed' : 'passed',
    message: broken ?? '',
    assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
  }));
  writeFileSync(join(folder, 'unit.json'), JSON.stringify({ testResults }));
  writeFileSync(join(folder, 'unit.unhandled.json'), JSON.stringify(unhandled));
  const report = readReport(join(folder, 'unit.json'));
  if (!report) throw new Error('no report');
  return report;
}

const crash = { crash: true, message: 'Worker exited unexpectedly (SIGSEGV)', during: ['test/unit/a.test.ts'] };
const late = { crash: false, message: 'late', during: [] as string[] };
const lateIn = (...during: string[]) => ({ ...late, during });
const oneFailed = { 'unit/a.test.ts': { tests: { 'a (b)': 'failed', c: 'passed', d: 'skipped' } } };

describe('the report of the tests', () => {
  it('counts, and names what failed', () => {
    const report = reportOf({ ...oneFailed, 'unit/e.test.ts': { tests: { f: 'skipped' }, broken: 'hook\nstack' } }, [
      late,
      crash,
    ]);
    expect(countsOf(report)).toEqual({ passed: 1, failed: 4, skipped: 2 });
    expect(failuresOf(report).map(({ text }) => text)).toEqual([
      'test/unit/a.test.ts: a (b)',
      'test/unit/e.test.ts: hook',
      'no test caught: late',
      'test/unit/a.test.ts: its process crashed: Worker exited unexpectedly (SIGSEGV)',
    ]);
  });

  it('is none where vitest ended before it wrote one', () => {
    expect(readReport('/nonexistent/unit.json')).toBeUndefined();
    expect(countsOf(undefined)).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });

  it('asks for a second try of few tests, by name, and of a file whose hook failed', () => {
    expect(secondTry(failuresOf(reportOf(oneFailed)))).toEqual(['test/unit/a.test.ts', '-t', '(a .b.)$']);
    const broken = reportOf({ 'unit/e.test.ts': { tests: { f: 'skipped' }, broken: 'hook' } });
    expect(secondTry(failuresOf(broken))).toEqual(['test/unit/e.test.ts']);
  });

  it('asks for none where nothing failed, where more than three did, and after a crash', () => {
    expect(secondTry([])).toBeUndefined();
    const four = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, 'failed']));
    expect(secondTry(failuresOf(reportOf({ 'unit/a.test.ts': { tests: four } })))).toBeUndefined();
    for (const error of [crash, late, lateIn('test/unit/e.test.ts')])
      expect(secondTry(failuresOf(reportOf(oneFailed, [error])))).toBeUndefined();
  });

  it('has what the second try showed in the place of what failed, and of nothing else', () => {
    const first = reportOf(oneFailed);
    const passed = reportOf({ 'unit/a.test.ts': { tests: { 'a (b)': 'passed', c: 'skipped', d: 'skipped' } } });
    expect(countsOf(mended(first, passed))).toEqual({ passed: 2, failed: 0, skipped: 1 });
    for (const second of [reportOf(oneFailed), undefined, reportOf({})])
      expect(failuresOf(mended(first, second))).toHaveLength(1);
    const crashed = reportOf({ 'unit/a.test.ts': { tests: { 'a (b)': 'passed' } } }, [crash]);
    expect(failuresOf(mended(first, crashed))).toHaveLength(1);
  });

  it('keeps a hook that failed until its file has run', () => {
    const first = reportOf({ 'unit/e.test.ts': { tests: { f: 'skipped' }, broken: 'hook' } });
    const second = reportOf({ 'unit/e.test.ts': { tests: { f: 'passed' } } });
    expect(countsOf(mended(first, second))).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(failuresOf(mended(first, undefined))).toHaveLength(1);
  });

  it('has a second try of the whole file whose process crashed, where that is asked for, and of no other error', () => {
    const first = reportOf({ ...oneFailed, 'unit/a.test.ts': { tests: { c: 'pending', d: 'pending' } } }, [crash]);
    const failures = failuresOf(first);
    expect(secondTry(failures)).toBeUndefined();
    expect(secondTry(failures, true)).toEqual(['test/unit/a.test.ts']);
    expect(secondTry(failuresOf(reportOf({}, [late])), true)).toBeUndefined();
    const passed = reportOf({ 'unit/a.test.ts': { tests: { c: 'passed', d: 'passed' } } });
    expect(countsOf(mended(first, passed))).toEqual({ passed: 2, failed: 0, skipped: 0 });
    for (const second of [reportOf({}), undefined])
      expect(failuresOf(mended(first, second)).map(({ by }) => by)).toEqual(['crash']);
  });

  it('has a second try of the whole file whose failed test left an error behind that none caught', () => {
    const first = reportOf(oneFailed, [lateIn('test/unit/a.test.ts')]);
    expect(failuresOf(first).map(({ text }) => text)).toEqual([
      'test/unit/a.test.ts: a (b)',
      'test/unit/a.test.ts: no test caught: late',
    ]);
    expect(secondTry(failuresOf(first))).toEqual(['test/unit/a.test.ts']);
    const passed = reportOf({ 'unit/a.test.ts': { tests: { 'a (b)': 'passed', c: 'passed' } } });
    expect(failuresOf(mended(first, passed))).toEqual([]);
    expect(failuresOf(mended(first, undefined))).toHaveLength(2);
  });
});
