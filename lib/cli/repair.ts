import type { Command } from 'commander';
import { RtcError } from '../errors.js';
import type { RepairResult } from '../live/repairRecording.js';
import { Progress } from './demo/Progress.js';
import { exitCodes } from './exitCodes.js';

interface RepairCommandOptions {
  json: boolean;
}

type Outcome =
  | ({ file: string; ok: true } & RepairResult)
  | { file: string; ok: false; error: { code: string; message: string } };

/** Adds `rtcroom repair`: recordings of a process that died become plain MP4 files. */
export function registerRepair(program: Command): void {
  program
    .command('repair')
    .description('make plain, seekable MP4 files of recordings that a killed process left')
    .argument('<file...>', 'recordings; each is replaced when its new file is complete, a plain MP4 is left as it is')
    .option('--json', 'print one line of JSON a file', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 all are plain MP4 files now, 1 one could not be repaired, 2 usage, 3 environment, 130 Ctrl-C',
    )
    .action(repair);
}

async function repair(files: string[], options: RepairCommandOptions): Promise<void> {
  // Loaded here, so that `rtcroom --help` needs no addon.
  const { repairRecording } = await import('../live/repairRecording.js');
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const progress = new Progress({ silent: options.json });
  const outcomes: Outcome[] = [];
  try {
    for (const file of files) {
      const outcome = await outcomeOf(file, () =>
        repairRecording(file, {
          signal: controller.signal,
          onProgress: (done) => progress.live(`${file}: ${Math.floor(done * 100)} %`),
        }),
      );
      outcomes.push(outcome);
      if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
      else if (outcome.ok) progress.line(describe(outcome));
      else process.stderr.write(`rtcroom repair: ${file}: ${outcome.error.message} (${outcome.error.code})\n`);
      if (controller.signal.aborted) break;
    }
  } finally {
    progress.end();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  process.exitCode = controller.signal.aborted ? exitCodes.interrupted : exitCodeOf(outcomes);
}

async function outcomeOf(file: string, call: () => Promise<RepairResult>): Promise<Outcome> {
  try {
    return { file, ok: true, ...(await call()) };
  } catch (error) {
    const code = error instanceof RtcError ? error.code : 'ERR_RTC_INTERNAL';
    return { file, ok: false, error: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

function exitCodeOf(outcomes: readonly Outcome[]): number {
  const failures = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.code]));
  if (failures.includes('ERR_RTC_ADDON_NOT_FOUND')) return exitCodes.environment;
  return failures.length > 0 ? exitCodes.failure : exitCodes.ok;
}

function describe({ file, repaired, durationMs, lostBytes }: Outcome & { ok: true }): string {
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  if (!repaired) return `${file}: is a plain MP4 already, ${seconds}`;
  const lost = lostBytes > 0 ? `, without ${lostBytes} bytes of what was being written` : '';
  return `${file}: repaired, ${seconds}${lost}`;
}
