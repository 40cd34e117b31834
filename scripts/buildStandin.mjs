#!/usr/bin/env node
/**
 * Builds the DLLs that play Tencent's liteav.dll in tests, into build/standin/<name>/liteav.dll, each only when its
 * sources changed. `--check` also runs standin_check under wine against each generation; `--wine32` names a program that
 * runs 32-bit ones, for the DLL of 2018. `--list` names the DLLs.
 * What they are: native/test/liteav-standin/README.md.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from './setup/lock.mjs';
import { filesBelow } from './setup/stale.mjs';
import { checkStandins } from './standin/check.mjs';
import { writeImportDefinitions } from './standin/importLibraries.mjs';
import { demandTool, findTools, inParallel, StandinError } from './standin/tools.mjs';
import { damaged, variants } from './standin/variants.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'native/test/liteav-standin');
const output = join(root, 'build/standin');
const objects = join(output, 'objects');
const triples = { x64: 'x86_64-pc-windows-msvc', x86: 'i686-pc-windows-msvc' };

/** No C library, no exceptions: the DLL brings what it needs. */
const compilerFlags = [
  '-std=c++20',
  '-O1',
  '-ffreestanding',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-threadsafe-statics',
  '-fno-stack-protector',
  '-fno-autolink',
  '-nostdinc++',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-unused-command-line-argument',
];

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    wine32: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** @param {(string | Buffer)[]} parts */
function digest(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 32);
}

/** Under a new inode, so that a process which has the old file mapped keeps it whole. @param {string} file @param {Buffer} bytes */
function writeChanged(file, bytes) {
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, file);
}

/** @typedef {ReturnType<typeof findTools>} Tools */

class Builder {
  /** @param {Tools} tools */
  constructor(tools) {
    this.tools = tools;
    /** Object file → the compilation that makes it. @type {Map<string, () => Promise<void>>} */
    this.compilations = new Map();
    this.headers = digest(
      ...filesBelow(sources, (path) => path.endsWith('.h'))
        .sort()
        .map((path) => readFileSync(path)),
    );
    this.built = 0;
  }

  /** Plans the object of a source. @param {string} source @param {'x64' | 'x86'} machine @param {Record<string, string>} macros */
  object(source, machine, macros) {
    const args = [
      `--target=${triples[machine]}`,
      ...(machine === 'x86' ? ['-msse2', '-mfpmath=sse'] : []),
      ...compilerFlags,
      ...Object.entries(macros).map(([name, value]) => `-D${name}=${value}`),
    ];
    const name = relative(sources, source);
    const file = join(
      objects,
      `${digest(this.tools.clang, name, readFileSync(source), this.headers, args.join(' '))}.obj`,
    );
    if (!existsSync(file))
      this.compilations.set(file, async () => {
        const temporary = `${file}.${process.pid}`;
        await demandTool(`Compiling ${name}`, this.tools.clang, [
          ...args,
          `-I${sources}`,
          `-ffile-prefix-map=${sources}=.`,
          '-c',
          source,
          '-o',
          temporary,
        ]);
        renameSync(temporary, file);
        this.built++;
      });
    return file;
  }

  /** Plans the objects of a DLL or program. @param {{ machine: 'x64' | 'x86', parts: readonly string[], layout: Record<string, string>, exports?: Record<string, string> }} what */
  objectsOf({ machine, parts, layout, exports = {} }) {
    return parts.flatMap((part) =>
      filesBelow(join(sources, part), (path) => path.endsWith('.cpp'))
        .sort()
        .map((source) => {
          const ownExports = source.endsWith('/Exports.cpp');
          const macros = part === 'runtime' || part === 'driver' ? {} : ownExports ? { ...layout, ...exports } : layout;
          return this.object(source, machine, macros);
        }),
    );
  }

  compile() {
    return inParallel([...this.compilations.values()], availableParallelism());
  }

  /** @param {'x64' | 'x86'} machine @returns {Promise<string[]>} import libraries; the sibling's is last */
  async importLibraries(machine) {
    const folder = join(output, 'imports');
    mkdirSync(folder, { recursive: true });
    const libraries = writeImportDefinitions(folder, machine);
    for (const { def, lib } of libraries) {
      const kind = machine === 'x64' ? ['-m', 'i386:x86-64'] : ['-m', 'i386', '-k'];
      await demandTool(`Making ${lib}`, this.tools.dlltool, [...kind, '-d', def, '-l', lib]);
    }
    return libraries.map(({ lib }) => lib);
  }

  /** Links when the objects or libraries are others than last time. @param {string} file @param {string[]} inputs @param {string[]} flags */
  async link(file, inputs, flags) {
    const folder = dirname(file);
    const stamp = join(folder, `.${file.slice(folder.length + 1)}.stamp`);
    const wanted = digest(this.tools.link, ...inputs.map((input) => readFileSync(input)), flags.join(' '));
    if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
    mkdirSync(folder, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    // lld writes an import library beside each DLL; nobody links against these.
    const unwanted = `${temporary}.lib`;
    await demandTool(`Linking ${relative(output, file)}`, this.tools.link, [
      '/nologo',
      '/nodefaultlib',
      '/Brepro',
      ...flags,
      `/out:${temporary}`,
      ...(flags.includes('/dll') ? [`/implib:${unwanted}`] : []),
      ...inputs,
    ]);
    rmSync(unwanted, { force: true });
    renameSync(temporary, file);
    writeFileSync(stamp, wanted);
    this.built++;
  }
}

async function build() {
  const tools = findTools();
  mkdirSync(objects, { recursive: true });
  const builder = new Builder(tools);
  const planned = variants.map((variant) => ({ variant, files: builder.objectsOf(variant) }));
  const sibling = builder.objectsOf({ machine: 'x64', parts: ['sibling'], layout: {} });
  const checker = builder.objectsOf({ machine: 'x64', parts: ['runtime', 'check'], layout: {} });
  const checker32 = builder.objectsOf({ machine: 'x86', parts: ['runtime', 'check32'], layout: {} });
  await builder.compile();

  const libraries = { x64: await builder.importLibraries('x64'), x86: await builder.importLibraries('x86') };
  for (const { variant, files } of planned) {
    const { machine } = variant;
    const system = variant.importsSibling ? libraries[machine] : libraries[machine].slice(0, -1);
    const flags = ['/dll', '/noentry', `/machine:${machine}`, ...(machine === 'x86' ? ['/safeseh:no'] : [])];
    await builder.link(join(output, variant.name, 'liteav.dll'), [...files, ...system], flags);
  }
  await builder.link(join(output, 'with-sibling/txffmpeg.dll'), sibling, ['/dll', '/noentry', '/machine:x64']);
  /** @param {string} name @param {'x64' | 'x86'} machine @param {string[]} files */
  const program = (name, machine, files) => {
    const flags = ['/subsystem:console', '/entry:start', `/machine:${machine}`];
    if (machine === 'x86') flags.push('/safeseh:no');
    return builder.link(join(output, name), [...files, ...libraries[machine].slice(0, -1)], flags);
  };
  await program('standin_check.exe', 'x64', checker);
  await program('standin_check32.exe', 'x86', checker32);
  const good = readFileSync(join(output, 'v2-r3/liteav.dll'));
  for (const { name, make } of damaged) writeChanged(join(output, name, 'liteav.dll'), make(good));
  writeChanged(join(output, 'with spaces 腾讯 直播/liteav.dll'), good);
  process.stderr.write(
    `standin: ${variants.length + damaged.length + 1} DLLs in build/standin, ${builder.built || 'no'} steps were needed\n`,
  );
  return tools;
}

async function main() {
  if (values.help) {
    process.stdout.write('Usage: node scripts/buildStandin.mjs [--check [--wine32 <program>]] [--list]\n');
    return;
  }
  if (values.list) {
    for (const { name } of [...variants, ...damaged]) process.stdout.write(`${name}\n`);
    return;
  }
  mkdirSync(output, { recursive: true });
  await withLock(
    join(output, 'build.lock'),
    async () => {
      const tools = await build();
      if (values.check) await checkStandins(output, sources, tools, values.wine32);
    },
    (pid) => process.stderr.write(`standin: waiting for another build${pid ? ` (process ${pid})` : ''} to end\n`),
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StandinError)) throw error;
  process.stderr.write(`standin: ${error.message}\n`);
  process.exitCode = 1;
}
