import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { thisSystem } from '../setup/requirements.mjs';
import { archive, I386Error } from './i386Machine.mjs';
import { layout } from './layout.mjs';
import { runLogged } from './run.mjs';

/**
 * An i386 Debian in a folder, with a 32-bit wine: what 32-bit Windows programs are run in. Nothing of it is installed
 * into this system. Each command runs in mount and process namespaces of its own: what is mounted for it is seen by
 * nobody else, and all that it began, wine's services too, ends with it.
 */

/** Of making the system: some hundred packages, configured by emulated programs. */
const makeDeadlineMs = 3_600_000;

/** What is mounted at or below a folder, seen from this process. @param {string} folder */
function mountsBelow(folder) {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((at) => at === folder || at.startsWith(`${folder}/`));
}

/** Never deletes through a mount: that of /dev would take the machine's devices. @param {string} folder */
function removeSystem(folder) {
  const mounted = mountsBelow(folder);
  if (mounted.length > 0)
    throw new I386Error(
      `${folder} is to be deleted, but things are mounted there: umount ${mounted.reverse().join(' ')}`,
    );
  rmSync(folder, { recursive: true, force: true });
}

/** A script for sh, the first of the process namespace; $1 is the system's folder, then comes the command. */
const enter = [
  'mount -t proc proc "$1/proc"',
  'mount --rbind /dev "$1/dev"',
  // Not exec: the first process is to collect those that wine leaves behind.
  'chroot "$@"; exit $?',
].join(' && ');

const alone = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];

export class I386System {
  /** @param {string} folder of the system; made when it is not there */
  constructor(folder = join(layout.base, 'i386')) {
    this.folder = resolve(folder);
  }

  /** @param {string} path inside the system */
  path(path) {
    return join(this.folder, path);
  }

  isThere() {
    return existsSync(this.path('usr/bin/wine'));
  }

  /** Makes the system unless it is there. @param {(text: string) => void} say @param {AbortSignal} signal */
  async ensure(say, signal) {
    if (this.isThere()) return;
    if (existsSync(this.folder) && readdirSync(this.folder).length > 0)
      throw new I386Error(`${this.folder} is there and has no wine in it: delete it, or name another folder.`);
    const { mirror, suite } = archive();
    const making = `${this.folder}.making`;
    removeSystem(making);
    mkdirSync(making, { recursive: true });
    say(`making an i386 Debian (${suite}) with wine in ${this.folder}`);
    const { code, late } = await runLogged({
      files: [`${this.folder}.log`, `${this.folder}.err.log`],
      title: 'debootstrap',
      command: 'unshare',
      // debootstrap mounts and unmounts: only in a namespace that ends with it.
      args: [
        ...alone,
        'debootstrap',
        '--arch=i386',
        '--variant=minbase',
        '--include=wine,wine32',
        suite,
        making,
        mirror,
      ],
      cwd: layout.base,
      env: { ...process.env, PATH: wineEnvironment32.PATH, DEBIAN_FRONTEND: 'noninteractive' },
      deadlineMs: makeDeadlineMs,
      signal,
    });
    if (code !== 0)
      throw new I386Error(
        `debootstrap ${late ? 'did not end in an hour' : `failed (${code})`}; its output: ${this.folder}.log`,
      );
    renameSync(making, this.folder);
  }

  /**
   * Runs a command inside, to its end; all that it began ends then.
   * @param {object} options
   * @param {string} options.name of the log files, inside var/log
   * @param {string[]} options.command
   * @param {NodeJS.ProcessEnv} [options.env] beside wine's
   * @param {number} options.deadlineMs
   * @param {AbortSignal} options.signal
   */
  run({ name, command, env = {}, deadlineMs, signal }) {
    return runLogged({
      files: [this.path(`var/log/${name}.log`), this.path(`var/log/${name}.err.log`)],
      title: name,
      command: 'unshare',
      args: [...alone, 'sh', '-c', enter, 'sh', this.folder, ...command],
      cwd: this.folder,
      env: { ...wineEnvironment32, ...env },
      deadlineMs,
      signal,
    });
  }

  /** Makes wine's folder unless it is there. @param {(text: string) => void} say @param {AbortSignal} signal */
  async ensurePrefix(say, signal) {
    const stamp = this.path('opt/prefix.json');
    const wanted = JSON.stringify(prefixCommands);
    if (thisSystem.read(stamp) === wanted) return;
    rmSync(stamp, { force: true });
    rmSync(this.path(prefix), { recursive: true, force: true });
    mkdirSync(this.path('opt'), { recursive: true });
    const script = prefixCommands.join(' && ');
    say("making wine's prefix");
    const { code } = await this.run({
      name: 'prefix',
      command: ['sh', '-c', script],
      deadlineMs: prefixDeadlineMs,
      signal,
    });
    if (code !== 0)
      throw new I386Error(`wine's prefix was not made (${code}); see ${this.path('var/log/prefix.err.log')}`);
    writeFileSync(stamp, wanted);
  }
}

const prefix = '/opt/prefix';
const prefixDeadlineMs = 600_000;
const prefixCommands = [
  'wine wineboot -i',
  // Node.js refuses the Windows 7 that wine 8 plays otherwise.
  'wine winecfg -v win10',
  // Windows without a display: they are there, and nobody sees them.
  "wine reg add 'HKCU\\Software\\Wine\\Drivers' /v Graphics /d null /f",
  'wineserver -w',
];

/** All that programs inside see of the environment. @type {NodeJS.ProcessEnv} */
const wineEnvironment32 = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  // Without a UTF-8 locale wine loses the characters of a path.
  LC_ALL: 'C.UTF-8',
  WINEPREFIX: prefix,
  WINEARCH: 'win32',
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml,winedbg.exe=',
};
