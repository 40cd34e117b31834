// The `serve` command alone, as a program of its own.
import { Command } from 'commander';
import { registerServe } from '#lib/cli/serve';

const program = new Command('rtcroom');
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
registerServe(program);
await program.parseAsync();
