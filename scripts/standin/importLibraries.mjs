import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Functions that the stand-in takes from Windows, and the bytes of their arguments in 32 bits, which are a part of their
 * names there.
 * @type {Record<string, Record<string, number>>}
 */
const imports = {
  kernel32: {
    AcquireSRWLockExclusive: 4,
    CloseHandle: 4,
    CreateEventW: 16,
    CreateFileW: 28,
    CreateThread: 24,
    ExitProcess: 4,
    GetCommandLineW: 0,
    GetCurrentThreadId: 0,
    GetEnvironmentVariableW: 12,
    GetLastError: 0,
    GetProcAddress: 8,
    GetProcessHeap: 0,
    GetStdHandle: 4,
    GetTickCount64: 0,
    HeapAlloc: 12,
    HeapFree: 12,
    LoadLibraryExW: 12,
    MultiByteToWideChar: 24,
    ReleaseSRWLockExclusive: 4,
    SetEvent: 4,
    Sleep: 4,
    TerminateProcess: 8,
    VirtualQuery: 12,
    WaitForSingleObject: 8,
    WideCharToMultiByte: 32,
    WriteFile: 20,
  },
  user32: { FillRect: 12, GetClientRect: 8, GetDC: 4, IsWindow: 4, ReleaseDC: 8 },
  gdi32: { CreatePen: 12, CreateSolidBrush: 4, DeleteObject: 4, LineTo: 12, MoveToEx: 16, SelectObject: 8 },
};

/** Writes the .def files. @param {string} folder @param {'x64' | 'x86'} machine @returns {{ def: string, lib: string }[]} */
export function writeImportDefinitions(folder, machine) {
  const libraries = Object.entries(imports).map(([name, functions]) => {
    const lines = Object.entries(functions).map(([symbol, bytes]) =>
      machine === 'x86' ? `${symbol}@${bytes}` : symbol,
    );
    return { dll: `${name}.dll`, base: name, lines };
  });
  libraries.push({ dll: 'txffmpeg.dll', base: 'txffmpeg', lines: ['txffmpeg_version'] });
  return libraries.map(({ dll, base, lines }) => {
    const def = join(folder, `${base}-${machine}.def`);
    writeFileSync(def, `LIBRARY ${dll}\nEXPORTS\n${lines.join('\n')}\n`);
    return { def, lib: join(folder, `${base}-${machine}.lib`) };
  });
}
