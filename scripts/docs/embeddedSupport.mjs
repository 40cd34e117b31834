/** The part of docs/engines.md that tells what the embedded engine has on which system, and why it lacks the rest. */
import { readEmbeddedMatrix, readPrebuiltEncoders } from './tables.mjs';

/** @typedef {import('../../dist/live/addon.js').EmbeddedMatrixRow} Row */

const systems = /** @type {const} */ ({ linux: 'Linux', windows: 'Windows', mac: 'macOS' });
const notPrebuilt = 'not in the FFmpeg of the prebuilt addon';

/**
 * @param {string} buildFfmpeg scripts/windows/buildFfmpeg.mjs
 * @param {(head: string[], rows: string[][]) => string} table
 */
export function embeddedSupport(buildFfmpeg, table) {
  const prebuilt = new Set(readPrebuiltEncoders(buildFfmpeg));
  const rows = readEmbeddedMatrix().map((row) => {
    const lacks = row.part.endsWith('encoder') && !row.windows && !prebuilt.has(row.name);
    return lacks ? { ...row, windows: notPrebuilt } : row;
  });
  // Reasons have a number each, in the order in which they come.
  const reasons = [...new Set(rows.flatMap(({ linux, windows, mac }) => [linux, windows, mac]).filter(Boolean))];
  const cell = (/** @type {string} */ reason) => (reason ? `– (${reasons.indexOf(reason) + 1})` : 'yes');
  const cells = (/** @type {Row} */ row) => [
    row.part,
    `\`${row.name}\``,
    cell(row.linux),
    cell(row.windows),
    cell(row.mac),
    row.note,
  ];
  const lacking = /** @type {(keyof typeof systems)[]} */ (Object.keys(systems)).map((system) => {
    const names = rows.filter((row) => isMethod(row) && row[system]).map(({ part, name }) => `${part} \`${name}\``);
    return `- ${systems[system]}: ${names.length > 0 ? names.join(', ') : 'none'}`;
  });
  return [
    `Methods that are missing:\n\n${lacking.join('\n')}`,
    `Why, by the numbers in the table; the error of a refused call says the same:\n\n${reasons
      .map((reason, index) => `${index + 1}. ${reason}`)
      .join('\n')}`,
    table(['Part', 'Name', 'Linux', 'Windows', 'macOS', 'Note'], rows.map(cells)),
  ].join('\n\n');
}

/** @param {Row} row */
function isMethod({ part }) {
  return part === 'pusher' || part === 'player';
}
