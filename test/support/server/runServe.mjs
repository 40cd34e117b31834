// The commands `serve` and `media` alone, as a program of its own.
import { Command } from 'commander';
import { registerMedia } from '#lib/cli/media';
import { registerServe } from '#lib/cli/serve';

const program = new Command('rtcroom');
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
registerServe(program);
registerMedia(program);
await program.parseAsync();
