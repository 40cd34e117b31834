import { describe, expect, it } from 'vitest';
import { distribution, failureCause, planPackages } from '../../scripts/setup/plan.mjs';
import { atLeast, findMissing, libraryVersion } from '../../scripts/setup/requirements.mjs';

const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';
const ubuntu = 'PRETTY_NAME="Ubuntu 24.04 LTS"\nID=ubuntu\nID_LIKE=debian\n';
const mint = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n';
const fedora = 'PRETTY_NAME="Fedora Linux 41"\nID=fedora\n';

const machine = { platform: 'linux' as NodeJS.Platform, osRelease: debian, root: true, sudo: false, apt: true };
const missing = [
  { name: 'CMake', problem: 'not found', debian: ['cmake'], brew: ['cmake'] },
  { name: 'a C++20 compiler', problem: 'not found', debian: ['g++'], brew: [] },
  { name: 'nginx', problem: 'not found', debian: ['nginx-light'], brew: [] },
];

/** A machine on which only these files are there. */
function system(files: Record<string, string>, env: NodeJS.ProcessEnv = { PATH: '/usr/bin' }) {
  const folders = new Set(Object.keys(files).map((path) => path.split('/').slice(0, 4).at(-1) ?? ''));
  return {
    env,
    exists: (path: string) => path in files,
    read: (path: string) => files[path],
    list: (path: string) => (path === '/usr/lib' ? [...folders] : []),
    output: () => undefined,
  };
}

const libraries = {
  libavcodec: '59.37.100',
  libavdevice: '59.7.100',
  libavfilter: '8.44.100',
  libavformat: '59.27.100',
  libavutil: '57.28.100',
  libswscale: '6.7.100',
  libswresample: '4.7.100',
  sdl2: '2.26.5',
  x11: '1.8.4',
  xft: '2.3.6',
  xrandr: '1.5.2',
  gnutls: '3.7.9',
  'webrtc-audio-processing': '0.3',
};
const pkgConfigFiles = Object.fromEntries(
  Object.entries(libraries).map(([name, version]) => [
    `/usr/lib/x86_64-linux-gnu/pkgconfig/${name}.pc`,
    `Name: ${name}\nVersion: ${version}\nLibs: -l\n`,
  ]),
);
const programs = Object.fromEntries(
  ['cmake', 'ninja', 'c++', 'pkg-config', 'ffmpeg', 'ffprobe'].map((name) => [`/usr/bin/${name}`, '']),
);

describe('what setup decides', () => {
  it('does nothing when nothing is missing', () => {
    expect(planPackages([], machine)).toEqual({ kind: 'nothing' });
  });

  it.each([debian, ubuntu, mint])('installs with apt as root or through sudo on Debian and its kin', (osRelease) => {
    const packages = ['cmake', 'g++', 'nginx-light'];
    expect(planPackages(missing, { ...machine, osRelease })).toEqual({ kind: 'apt', packages, sudo: false });
    expect(planPackages(missing, { ...machine, osRelease, root: false, sudo: true })).toEqual({
      kind: 'apt',
      packages,
      sudo: true,
    });
  });

  it('prints the exact command where it may not install', () => {
    const plan = planPackages(missing, { ...machine, root: false });
    expect(plan.kind === 'manual' && plan.lines).toContain(
      '  sudo apt-get update && sudo apt-get install -y --no-install-recommends cmake g++ nginx-light',
    );
  });

  it.each([
    { platform: 'darwin' as const, word: 'brew install cmake' },
    { platform: 'win32' as const, word: 'Visual Studio' },
    { platform: 'linux' as const, word: 'package manager' },
  ])('says what to do on $platform without apt', ({ platform, word }) => {
    const plan = planPackages(missing, { ...machine, platform, osRelease: fedora, apt: false });
    expect(plan.kind === 'manual' && plan.lines.join('\n')).toContain(word);
  });

  it('does not try to install what the system has only in a version too old', () => {
    const plan = planPackages(
      [{ name: 'libavcodec', problem: 'is 58.134, 59.37 or newer is needed', debian: ['libavcodec-dev'], brew: [] }],
      machine,
    );
    expect(plan.kind).toBe('manual');
  });

  it('knows distributions by their os-release', () => {
    expect(distribution(debian)).toEqual({ debian: true, name: 'Debian GNU/Linux 12 (bookworm)' });
    expect(distribution(fedora).debian).toBe(false);
    expect(distribution('')).toEqual({ debian: false, name: 'this system' });
  });
});

describe('what setup finds missing', () => {
  it('is everything on an empty machine, and the test tools only for the tests', () => {
    const forDemo = findMissing(system({}), { test: false }).flatMap((item) => item.debian);
    expect(forDemo).toEqual(
      expect.arrayContaining([
        'cmake',
        'ninja-build',
        'g++',
        'pkg-config',
        'libavcodec-dev',
        'libswresample-dev',
        'libsdl2-dev',
        'ffmpeg',
      ]),
    );
    expect(forDemo).not.toContain('doctest-dev');
    const forTest = findMissing(system({}), { test: true }).flatMap((item) => item.debian);
    expect(forTest).toEqual(
      expect.arrayContaining([
        'doctest-dev',
        'clang-format',
        'nginx-light',
        'libnginx-mod-rtmp',
        'redis-server',
        'xvfb',
      ]),
    );
  });

  it('is nothing on a complete one', () => {
    expect(findMissing(system({ ...programs, ...pkgConfigFiles }), { test: false })).toEqual([]);
  });

  it('is a library that is too old', () => {
    const old = { ...pkgConfigFiles, '/usr/lib/x86_64-linux-gnu/pkgconfig/libavcodec.pc': 'Version: 58.134.100\n' };
    expect(findMissing(system({ ...programs, ...old }), { test: false }).map((item) => item.debian)).toEqual([
      ['libavcodec-dev'],
    ]);
  });

  it('is half of a pair of programs, and a compiler that CXX names in vain', () => {
    const { '/usr/bin/ffprobe': _, ...withoutProbe } = programs;
    expect(findMissing(system({ ...withoutProbe, ...pkgConfigFiles }), { test: false })).toHaveLength(1);
    const env = { PATH: '/usr/bin', CXX: '/opt/none/c++' };
    expect(findMissing(system({ ...programs, ...pkgConfigFiles }, env), { test: false })).toHaveLength(1);
  });

  it('is wine and the cross compilers for Windows alone', () => {
    const complete = system({ ...programs, ...pkgConfigFiles });
    const packages = findMissing(complete, { test: false, windows: true }).flatMap((item) => item.debian);
    expect(packages).toEqual(
      expect.arrayContaining([
        'wine',
        'wine64',
        'xvfb',
        'g++-mingw-w64-x86-64-posix',
        'clang-16',
        'nasm',
        'nginx-light',
      ]),
    );
    expect(packages).not.toContain('doctest-dev');
    expect(findMissing(complete, { test: true }).flatMap((item) => item.debian)).not.toContain('wine');
    // On a machine with nothing: no compiler and headers of this system, unless its own tests are wanted as well.
    const onlyWindows = findMissing(system({}), { test: false, windows: true }).flatMap((item) => item.debian);
    expect(onlyWindows).toEqual(expect.arrayContaining(['cmake', 'ffmpeg', 'wine']));
    expect(onlyWindows.filter((name) => name === 'g++' || name.startsWith('lib'))).toEqual([
      'libnginx-mod-rtmp',
      'libz-mingw-w64-dev',
    ]);
    const both = findMissing(system({}), { test: true, windows: true }).flatMap((item) => item.debian);
    expect(both).toEqual(expect.arrayContaining(['g++', 'libavcodec-dev', 'wine']));
  });

  it('is Clang and libFuzzer for fuzzing alone', () => {
    const complete = system({ ...programs, ...pkgConfigFiles });
    const packages = findMissing(complete, { test: false, fuzz: true }).flatMap((item) => item.debian);
    expect(packages).toEqual(['clang-16', 'libclang-rt-16-dev']);
  });

  it('follows PKG_CONFIG_PATH, and asks pkg-config about layouts it does not know', () => {
    const own = system({ '/opt/ff/libavcodec.pc': 'Version: 61.3.100\n' }, { PATH: '', PKG_CONFIG_PATH: '/opt/ff' });
    expect(libraryVersion(own, 'libavcodec')).toBe('61.3.100');
    const asked = { ...system({ '/usr/bin/pkg-config': '' }), output: () => '60.1\n' };
    expect(libraryVersion(asked, 'libavcodec')).toBe('60.1');
  });

  it('compares versions by number', () => {
    expect(atLeast('59.37.100', '59.37')).toBe(true);
    expect(atLeast('59.4', '59.37')).toBe(false);
    expect(atLeast('60', '59.37')).toBe(true);
    expect(atLeast('20.9.0', '20.19')).toBe(false);
  });
});

describe('why a step of setup failed', () => {
  it.each([
    ['npm error code ENOTFOUND', /network/],
    ['Temporary failure resolving', /network/],
    ['npm error code ENOSPC', /disk is full/],
    ['E: You do not have enough free space in /var/cache', /disk is full/],
    ['Error: EACCES: permission denied', /permissions/],
    ['E: Unable to locate package libfoo', /archive/],
  ])('is told from %j', (text, cause) => {
    expect(failureCause(text)).toMatch(cause);
  });

  it('is not guessed from other output', () => {
    expect(failureCause('error: expected ; before }')).toBeUndefined();
  });
});
