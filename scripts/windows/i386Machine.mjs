import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distribution } from '../setup/plan.mjs';
import { thisSystem } from '../setup/requirements.mjs';
import { requireTools } from './crossBuild.mjs';

// What this machine must have before 32-bit Windows programs can be run on it; each error names its remedy.

/** The oldest release of QEMU whose user emulation ran wine 8; 7.2 was seen to loop for ever. */
const leastQemu = 10;

/** Something that a person must do: the message says what. */
export class I386Error extends Error {}

/** A program of 93 bytes that ends with code 0, for i386: exit(0) by int 0x80. */
function smallestProgram() {
  const headers = 52 + 32;
  const code = Buffer.from('b80100000031dbcd80', 'hex');
  const file = Buffer.alloc(headers + code.length);
  file.write('\x7fELF\x01\x01\x01', 0, 'latin1');
  const base = 0x08048000;
  // elf(5): an executable for the 80386, version 1, entry, program headers behind the header.
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(3, 18);
  for (const [at, value] of /** @type {const} */ ([
    [20, 1],
    [24, base + headers],
    [28, 52],
  ]))
    file.writeUInt32LE(value, at);
  for (const [at, value] of /** @type {const} */ ([
    [40, 52],
    [42, 32],
    [44, 1],
  ]))
    file.writeUInt16LE(value, at);
  // One segment: the whole file, readable and executable.
  [1, 0, base, base, file.length, file.length, 5, 0x1000].forEach((value, index) => {
    file.writeUInt32LE(value, 52 + index * 4);
  });
  code.copy(file, headers);
  return file;
}

function runsI386() {
  const folder = mkdtempSync(join(tmpdir(), 'rtcroom-i386-'));
  try {
    const program = join(folder, 'program');
    writeFileSync(program, smallestProgram(), { mode: 0o755 });
    return spawnSync(program, { timeout: 30_000 }).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const binfmt = '/proc/sys/fs/binfmt_misc';
const qemuRemedy = `Either boot a kernel with CONFIG_IA32_EMULATION, or let QEMU ${leastQemu} or newer run them: the program qemu-i386 of the
package qemu-user (Debian 13), linked statically, registered with the kernel under the name qemu-i386 with the flag F:
  mount -t binfmt_misc binfmt_misc ${binfmt}     # unless it is mounted
  echo ':qemu-i386:M::\\x7fELF\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x03\\x00:\\xff\\xff\\xff\\xff\\xff\\xfe\\xfe\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:/usr/bin/qemu-i386:F' \\
    > ${binfmt}/register`;

/** What runs i386 programs here, in words. Throws I386Error with the remedy. @returns {string} */
export function checkEmulation() {
  const entry = thisSystem.read(join(binfmt, 'qemu-i386'));
  if (!runsI386()) throw new I386Error(`This kernel runs no i386 programs. ${qemuRemedy}`);
  if (!entry?.startsWith('enabled')) return 'the kernel';
  const interpreter = /^interpreter (.+)$/m.exec(entry)?.[1] ?? '';
  if (!/^flags: .*F/m.test(entry))
    throw new I386Error(
      `qemu-i386 is registered without the flag F, so that it is not found inside another root. ${qemuRemedy}`,
    );
  const version = /version (\d+)[.\d]*/.exec(spawnSync(interpreter, ['--version'], { encoding: 'utf8' }).stdout ?? '');
  if (!version)
    throw new I386Error(
      `${interpreter}, which is registered for i386 programs, does not tell its version. ${qemuRemedy}`,
    );
  if (Number(version[1]) < leastQemu)
    throw new I386Error(`QEMU is too old (${version[0]}): wine loops for ever under 7.2. ${qemuRemedy}`);
  return `QEMU user emulation, ${version[0]}`;
}

/** Throws with the packages that are missing. @param {Record<string, string>} tools as requireTools takes them */
export function checkMachine(tools) {
  if (process.platform !== 'linux') throw new I386Error('This runs on Linux.');
  if (process.getuid?.() !== 0)
    throw new I386Error('This must be run by root: it makes and enters an i386 Debian (debootstrap, unshare, chroot).');
  requireTools({ unshare: 'util-linux', mount: 'mount', ...tools });
}

/**
 * Where a system gets its packages from: the archive and its release.
 * @param {Pick<import('../setup/requirements.mjs').SystemView, 'read' | 'list'>} [system] @returns {{ mirror: string, suite: string }}
 */
export function archive(system = thisSystem) {
  const os = system.read('/etc/os-release') ?? '';
  const suite = /^VERSION_CODENAME="?([\w.-]+)"?$/m.exec(os)?.[1];
  if (!/^ID="?debian"?$/m.test(os) || !suite)
    throw new I386Error(
      `The i386 system is made of this system's own archive, and ${distribution(os).name} is not Debian.`,
    );
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...system.list(folder).map((name) => join(folder, name))];
  for (const file of files) {
    const text = system.read(file) ?? '';
    const mirror = file.endsWith('.sources') ? inStanzas(text, suite) : inLines(text, suite);
    if (mirror) return { mirror, suite };
  }
  throw new I386Error(
    `No source of packages in /etc/apt has the component main of ${suite} at an http or https address: add one, for example\n` +
      `a line \`deb <mirror> ${suite} main\` in /etc/apt/sources.list.`,
  );
}

/** @param {string} text @param {string} suite */
function inLines(text, suite) {
  const line = /^deb\s+(?:\[[^\]]*\]\s+)?(https?:\S+)\s+(\S+)\s+(.+)$/gm;
  for (const [, mirror, release, components] of text.matchAll(line))
    if (release === suite && components?.split(/\s+/).includes('main')) return mirror;
  return undefined;
}

/** @param {string} text @param {string} suite */
function inStanzas(text, suite) {
  for (const stanza of text.split(/\n\s*\n/)) {
    const words = (/** @type {string} */ name) =>
      new RegExp(`^${name}:(.*)$`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    const mirror = words('URIs').find((uri) => /^https?:/.test(uri));
    const whole =
      words('Types').includes('deb') && words('Suites').includes(suite) && words('Components').includes('main');
    if (mirror && whole && !words('Enabled').includes('no')) return mirror;
  }
  return undefined;
}
