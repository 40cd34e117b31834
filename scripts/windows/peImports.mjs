const signatureAt = 0x3c;
/** Where the table of directories begins, by the magic number of the optional header: PE32, PE32+. @type {Record<number, number>} */
const directoriesAt = { 267: 96, 523: 112 };
const importDirectory = 1;
const delayDirectory = 13;

/**
 * The DLLs that a Windows program or DLL names: those that Windows loads with it, and those that are bound at
 * their first use. Microsoft's "PE Format" has the layout. Throws when the file is no such program.
 * @param {Buffer} file @returns {{ imports: string[], delayed: string[] }}
 */
export function peImports(file) {
  const header = file.readUInt32LE(signatureAt);
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('not a Windows program');
  const optional = header + 24;
  const directories = optional + (directoriesAt[file.readUInt16LE(optional)] ?? 0);
  if (directories === optional) throw new Error('a Windows program of a kind that is not known');
  const sectionCount = file.readUInt16LE(header + 6);
  const sections = optional + file.readUInt16LE(header + 20);

  /** Where an address of the loaded image lies in the file. @param {number} address */
  function offsetOf(address) {
    for (let index = 0; index < sectionCount; index++) {
      const at = sections + index * 40;
      const start = file.readUInt32LE(at + 12);
      const size = Math.max(file.readUInt32LE(at + 8), file.readUInt32LE(at + 16));
      if (address >= start && address < start + size) return address - start + file.readUInt32LE(at + 20);
    }
    throw new Error(`address ${address} is in no section`);
  }

  /** @param {number} directory @param {number} entrySize @param {number} nameAt @returns {string[]} */
  function names(directory, entrySize, nameAt) {
    const table = file.readUInt32LE(directories + directory * 8);
    if (table === 0) return [];
    const found = [];
    for (let entry = offsetOf(table); ; entry += entrySize) {
      const name = file.readUInt32LE(entry + nameAt);
      if (name === 0) return found;
      const start = offsetOf(name);
      found.push(file.toString('latin1', start, file.indexOf(0, start)));
    }
  }
  return { imports: names(importDirectory, 20, 12), delayed: names(delayDirectory, 32, 4) };
}
