import type { Command } from 'commander';
import { type Check, type CheckStatus, runChecks } from './doctor/checks.js';
import { exitCodes } from './exitCodes.js';

interface DoctorOptions {
  json: boolean;
  sdkPath?: string;
}

const marks: Record<CheckStatus, string> = { ok: 'ok', note: 'note', missing: 'MISSING' };

const markWidth = Math.max(...Object.values(marks).map((mark) => mark.length));

/** Adds `rtcroom doctor`. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('tell what this machine has for rtcroom, what is missing and how to get it')
    .option('--sdk-path <path>', "Tencent's liteav.dll or its folder, as the engine's option sdkPath (Windows)")
    .option('--json', 'print the findings as one line of JSON', false)
    .addHelpText('after', '\nExit codes: 0 everything needed is there, 2 usage, 3 something is missing')
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const checks = await runChecks(options);
  const missing = checks.filter(({ status }) => status === 'missing');
  process.exitCode = missing.length > 0 ? exitCodes.environment : exitCodes.ok;
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: missing.length === 0, checks })}\n`);
  else process.stdout.write(describe(checks));
}

function describe(checks: readonly Check[]): string {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length));
  const indent = ' '.repeat(markWidth + nameWidth + 4);
  const lines = checks.map(
    ({ name, status, found }) =>
      `${marks[status].padEnd(markWidth)}  ${name.padEnd(nameWidth)}  ${found.trimEnd().replaceAll('\n', `\n${indent}`)}`,
  );
  const remedies = checks.flatMap(({ name, remedy }) => (remedy ? [`  ${name}: ${remedy}`] : []));
  const end = remedies.length > 0 ? `What to do:\n${remedies.join('\n')}` : 'Everything is there.';
  return `${lines.join('\n')}\n\n${end}\n`;
}
