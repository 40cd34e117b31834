/** The room service's options and its OpenAPI document, from the compiled code: both are computed, not written down. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Brings dist/ up to date, so that a document is never compared with old code. */
function compile() {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.json')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`the documents of the room service need code that compiles:\n${stdout}${stderr}`);
  }
}

/** @returns {Promise<{ groups: { name: string, rows: string[][] }[], openApi: object }>} */
export async function readService() {
  compile();
  const options = await import('../../dist/server/config/configOptions.js');
  const { RoomService } = await import('../../dist/server/index.js');
  /** @type {Map<string, string[][]>} */
  const groups = new Map();
  for (const name of options.optionNames) {
    const { group, default: value, unit, about, secret } = options.optionOf(name);
    const standard = value === undefined ? '–' : `\`${Array.isArray(value) ? JSON.stringify(value) : value}\``;
    const allowed = options.allowedValues(name).replace(/ \([^()]*\)$/, '');
    const rows = groups.get(group) ?? [];
    groups.set(group, rows);
    rows.push([
      `\`${name}\``,
      standard,
      unit ?? '',
      allowed,
      `${about.replace(/^[a-z](?=[a-z]*[ ,])/, (first) => first.toUpperCase())}.${secret ? ' Secret.' : ''}`,
    ]);
  }
  // Everything on, so that every route is there. It never listens.
  const key = 'x'.repeat(16);
  const media = { on: () => media, rtmpUrl: '', httpUrl: undefined, pushKey: key, playKey: key };
  const service = new RoomService({
    media: /** @type {never} */ (media),
    sdkAppID: 1,
    secretKey: key,
    developmentLogin: true,
    adminKey: key,
  });
  try {
    return { groups: [...groups].map(([name, rows]) => ({ name, rows })), openApi: await service.openApi() };
  } finally {
    await service.close();
  }
}
