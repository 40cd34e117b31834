/**
 * Decides what to do about missing packages; touches nothing, so that each branch can be tested.
 * @typedef {import('./requirements.mjs').Missing} Missing
 *
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {string} osRelease text of /etc/os-release, '' where there is none
 * @property {boolean} root
 * @property {boolean} sudo sudo works without a password
 * @property {boolean} apt apt-get is there
 *
 * @typedef {{ kind: 'nothing' }
 *   | { kind: 'apt', packages: string[], sudo: boolean }
 *   | { kind: 'manual', lines: string[] }} Plan
 */

/** @param {string} osRelease @returns {{ debian: boolean, name: string }} */
export function distribution(osRelease) {
  const value = (/** @type {string} */ key) => osRelease.match(new RegExp(`^${key}="?([^"\n]*)"?$`, 'm'))?.[1] ?? '';
  const ids = [value('ID'), ...value('ID_LIKE').split(' ')];
  return {
    debian: ids.includes('debian') || ids.includes('ubuntu'),
    name: value('PRETTY_NAME') || value('ID') || 'this system',
  };
}

/** The command that a person would type. @param {string[]} packages @param {boolean} sudo */
export function aptCommand(packages, sudo) {
  const prefix = sudo ? 'sudo ' : '';
  return `${prefix}apt-get update && ${prefix}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** @param {Missing[]} missing */
function listOf(missing) {
  return missing.map(({ name, problem }) => `  - ${name}: ${problem}`);
}

/** @param {Missing[]} missing @param {Machine} machine @returns {Plan} */
export function planPackages(missing, machine) {
  if (missing.length === 0) return { kind: 'nothing' };
  const packages = [...new Set(missing.flatMap(({ debian }) => debian))];
  const lines = ['Missing:', ...listOf(missing), ''];
  if (machine.platform === 'darwin') {
    const brew = [...new Set(missing.flatMap((item) => item.brew))];
    if (missing.some(({ name }) => name.includes('compiler'))) lines.push('Compiler: run  xcode-select --install');
    if (brew.length > 0) lines.push(`Run  brew install ${brew.join(' ')}`);
    const rest = missing
      .filter((item) => item.brew.length === 0 && !item.name.includes('compiler'))
      .map(({ name }) => name);
    if (rest.length > 0)
      lines.push(`Homebrew has no ${rest.join(', no ')}: the tests that need it run on Debian or Ubuntu.`);
    return { kind: 'manual', lines };
  }
  if (machine.platform === 'win32') {
    lines.push(
      'Building on Windows needs Visual Studio 2022 (Desktop development with C++), CMake, Ninja, pkg-config and the',
      'development files of FFmpeg 5.1 or newer, with PKG_CONFIG_PATH naming their lib\\pkgconfig.',
      'The demo and the tests are run on Debian or Ubuntu; under Windows use WSL:  wsl --install -d Debian',
    );
    return { kind: 'manual', lines };
  }
  const { debian, name } = distribution(machine.osRelease);
  if (!debian || !machine.apt) {
    lines.push(
      `${name} is not Debian or Ubuntu, so nothing was installed. Install these, with your package manager, and run setup again.`,
      `(Debian's names: ${packages.join(' ')})`,
    );
    return { kind: 'manual', lines };
  }
  const outdated = missing.filter(({ problem }) => problem.startsWith('is '));
  if (outdated.length > 0) {
    lines.push(
      `${name} is too old to have these in time. Use Debian 12, Ubuntu 24.04 or newer, or set PKG_CONFIG_PATH to a newer FFmpeg.`,
    );
    return { kind: 'manual', lines };
  }
  if (!machine.root && !machine.sudo) {
    lines.push(
      'Setup may not install packages here (not root, and sudo wants a password). Run',
      '',
      `  ${aptCommand(packages, true)}`,
      '',
      'and then setup again.',
    );
    return { kind: 'manual', lines };
  }
  return { kind: 'apt', packages, sudo: !machine.root };
}

/** Tells from a tool's output why it failed, in words with a remedy; undefined when it is none of the usual causes. @param {string} output */
export function failureCause(output) {
  const causes = /** @type {[RegExp, string][]} */ ([
    [/ENOSPC|No space left on device|enough free space/i, 'The disk is full. Free some space and run setup again.'],
    [
      /EACCES|EPERM|Permission denied|are you root/i,
      'The permissions do not allow it. Give this user write access to the folder (or run setup as the user who owns it).',
    ],
    [
      /Could not get lock|Unable to acquire the dpkg/i,
      'Another program is installing packages. Wait for it and run setup again.',
    ],
    [
      /dpkg was interrupted/i,
      'An earlier installation was interrupted. Run  sudo dpkg --configure -a  and setup again.',
    ],
    [
      /Unable to locate package|has no installation candidate/i,
      'The package sources of this system lack a package. Enable its main (Ubuntu: universe) archive and run setup again.',
    ],
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|Temporary failure resolving|Could not resolve|Could not connect|Failed to fetch|network is unreachable/i,
      'The network or the package registry cannot be reached. Check the connection (and proxy settings) and run setup again.',
    ],
    [
      /npm ci.*can only install|EUSAGE/is,
      'package.json and package-lock.json disagree. Run  npm install  and commit the lock file.',
    ],
  ]);
  return causes.find(([pattern]) => pattern.test(output))?.[1];
}
