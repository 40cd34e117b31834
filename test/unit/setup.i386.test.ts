import { describe, expect, it } from 'vitest';
import { archive, I386Error } from '../../scripts/windows/i386Machine.mjs';

const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n';

/** A machine with these sources of packages. */
function machine(files: Record<string, string>, osRelease = debian) {
  const all: Record<string, string> = { '/etc/os-release': osRelease, ...files };
  const folder = '/etc/apt/sources.list.d';
  return {
    read: (path: string) => all[path],
    list: (path: string) =>
      path === folder
        ? Object.keys(all).flatMap((name) => (name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : []))
        : [],
  };
}

const list = (text: string) => machine({ '/etc/apt/sources.list': text });
const stanzas = (text: string) => machine({ '/etc/apt/sources.list.d/debian.sources': text });

describe('the archive that the i386 Debian is made of', () => {
  it.each([
    ['a line', list('deb http://mirror.example/debian bookworm main contrib\n')],
    ['a line with options', list('deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main\n')],
    [
      'a stanza',
      stanzas('Types: deb deb-src\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n'),
    ],
    [
      'the second stanza',
      stanzas(
        'Types: deb\nURIs: http://other.example/security\nSuites: bookworm-security\nComponents: main\n\n' +
          'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n',
      ),
    ],
    [
      'a file beside one of another vendor',
      machine({
        '/etc/apt/sources.list.d/a.list': 'deb https://vendor.example/apt vendor-bookworm main\n',
        '/etc/apt/sources.list.d/b.list': '# a remark\ndeb http://mirror.example/debian bookworm main\n',
      }),
    ],
  ])("is this system's own: %s", (_, system) => {
    expect(archive(system)).toEqual({ mirror: 'http://mirror.example/debian', suite: 'bookworm' });
  });

  it.each([
    ['another distribution', machine({}, 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n')],
    ['no source at all', machine({})],
    ['sources of source packages alone', list('deb-src http://mirror.example/debian bookworm main\n')],
    ['another release', list('deb http://mirror.example/debian trixie main\n')],
    ['a disc', list('deb cdrom:[Debian 12]/ bookworm main\n')],
    ['without main', list('deb http://mirror.example/debian bookworm contrib\n')],
    [
      'a stanza that is off',
      stanzas('Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n'),
    ],
  ])('is asked for, with %s', (_, system) => {
    expect(() => archive(system)).toThrow(I386Error);
  });
});
