#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../packageVersion.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import { exitCodes, exitCodesHelp } from './exitCodes.js';
import { registerMedia } from './media.js';
import { registerRepair } from './repair.js';
import { registerServe } from './serve.js';

export function createProgram(): Command {
  const program = new Command('rtcroom')
    .description('Real-time video rooms: room service, media server, two-person call, recordings')
    .version(packageVersion(), '-v, --version')
    .showHelpAfterError('(add --help for usage)')
    .exitOverride()
    .addHelpText('after', exitCodesHelp);
  registerServe(program);
  registerMedia(program);
  registerDemo(program);
  registerRepair(program);
  registerDoctor(program);
  return program;
}

/** Runs the command line; the exit code is left in `process.exitCode`, so that output is not cut. */
export async function main(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json');
  const program = createProgram();
  if (json) for (const each of [program, ...program.commands]) each.configureOutput({ writeErr: () => undefined });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const shown = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
    process.exitCode = shown ? exitCodes.ok : exitCodes.usage;
    if (json && !shown) {
      const message = error.message.replace(/^error: /, '');
      process.stdout.write(`${JSON.stringify({ error: { code: 'ERR_RTC_INVALID_ARGUMENT', message } })}\n`);
    }
  }
}

await main(process.argv.slice(2));
