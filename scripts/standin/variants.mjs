/**
 * The DLLs that are built, one folder each under build/standin.
 * @typedef {object} Variant
 * @property {string} name the folder
 * @property {'x64' | 'x86'} machine
 * @property {('runtime' | 'driver' | 'v2' | 'tx' | 'itx' | 'tx2018' | 'sibling')[]} parts folders of sources
 * @property {Record<string, string>} layout macros that change the interfaces
 * @property {Record<string, string>} [exports] macros that only the part's Exports.cpp reads
 * @property {string} [dll] file name, liteav.dll by default
 * @property {boolean} [importsSibling] a function of txffmpeg.dll is imported
 */

/** @param {string} revision @param {string} version @param {Record<string, string>} [more] */
function v2(revision, version, more = {}) {
  return {
    machine: /** @type {const} */ ('x64'),
    parts: /** @type {const} */ (['runtime', 'driver', 'v2']),
    layout: { STANDIN_REVISION: revision, STANDIN_PREMIER_LICENCE: '0' },
    exports: { STANDIN_VERSION: `"${version}"`, ...more },
  };
}

/** The versions are made up but for the numbers that tell the revision: R2 below 12, R3 12.2, R4 13.4. */
const r3 = '12.2.0.1';

/** @type {Variant[]} */
export const variants = [
  { name: 'v2-r2', ...v2('2', '11.9.1.1') },
  { name: 'v2-r3', ...v2('3', r3) },
  { name: 'v2-r4', ...v2('4', '13.4.2.1') },
  {
    name: 'v2-r4-premier',
    ...v2('4', '13.4.2.1'),
    layout: { STANDIN_REVISION: '4', STANDIN_PREMIER_LICENCE: '1' },
  },
  {
    name: 'itx',
    machine: 'x64',
    parts: ['runtime', 'driver', 'tx', 'itx'],
    layout: {},
    exports: { STANDIN_VERSION: '"8.4.0.1"' },
  },
  { name: 'tx2018', machine: 'x86', parts: ['runtime', 'driver', 'tx', 'tx2018'], layout: {} },
  { name: 'unknown-version', ...v2('3', '99.1.0.1') },
  { name: 'between-versions', ...v2('3', '12.9.0.1') },
  { name: 'missing-exports', ...v2('3', r3, { STANDIN_FEW_EXPORTS: '1' }) },
  { name: 'null-factory', ...v2('3', r3, { STANDIN_NULL_OBJECTS: '1' }) },
  { name: 'licence-refused', ...v2('3', r3, { STANDIN_REFUSED_LICENCE: '1' }) },
  { name: 'with-sibling', ...v2('3', r3, { STANDIN_SIBLING: '1' }), importsSibling: true },
  { name: 'missing-sibling', ...v2('3', r3, { STANDIN_SIBLING: '1' }), importsSibling: true },
  { name: 'wrong-architecture', ...v2('3', r3), machine: 'x86' },
  { name: 'not-liteav', machine: 'x64', parts: ['sibling'], layout: {} },
];

/** Files that are no good DLL, made from the bytes of v2-r3. @type {{ name: string, make: (dll: Buffer) => Buffer }[]} */
export const damaged = [
  { name: 'truncated', make: (dll) => dll.subarray(0, Math.floor(dll.length / 2)) },
  { name: 'empty', make: () => Buffer.alloc(0) },
  { name: 'not-a-dll', make: () => Buffer.from('This is a text and not a DLL.\r\n'.repeat(100)) },
];
