#!/usr/bin/env node
/**
 * Runs run.mjs, the soak itself, in a process whose memory tells leaks: `npm run soak -- --help`.
 *
 * V8's young generation doubles with what survives, by 16 MB in all within minutes, and glibc keeps what was freed in arenas
 * that wander by as much. So that generation is held at its least, and glibc has one arena and gives everything from
 * 16 KB on, and the end of the arena, back to the system at once. V8 compiles once, at a function's first call, and keeps
 * that: optimised code and what it is made from would grow the heap for as long as rare functions become frequent.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const flags = [
  '--expose-gc',
  '--max-semi-space-size=1',
  '--no-flush-bytecode',
  '--no-lazy-feedback-allocation',
  '--no-opt',
  '--no-use-osr',
  '--no-sparkplug',
];
const allocator = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '16384',
  MALLOC_TRIM_THRESHOLD_: '0',
  MALLOC_TOP_PAD_: '0',
};

if (process.platform !== 'linux') {
  process.stderr.write('soak: it reads /proc, which only Linux has\n');
  process.exit(2);
}
const program = fileURLToPath(new URL('run.mjs', import.meta.url));
const child = spawn(process.execPath, [...flags, program, ...process.argv.slice(2)], {
  env: { ...process.env, ...allocator, RTCROOM_SOAK_ALLOCATOR: Object.keys(allocator).join() },
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal) process.stderr.write(`soak: ended by ${signal}\n`);
  process.exitCode = code ?? 1;
});
