/**
 * Reads the tables of the code: from its text where that is possible, so that documents can be made and checked without
 * a build; the matrices of the engines are computed and come from the built addon.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** @template T @param {T[]} rows @param {string} what @returns {T[]} */
function someOf(rows, what) {
  if (rows.length === 0)
    throw new Error(`no ${what} found: its table is written differently now, scripts/docs/tables.mjs must follow`);
  return rows;
}

/** @param {string} text lib/errors.ts */
export function readErrors(text) {
  const pattern = /^ {2}(ERR_RTC_\w+):\s*\{\s*retryable:\s*(true|false),\s*meaning:\s*(['"])(.*?)\3,?\s*\},?$/gms;
  const rows = [...text.matchAll(pattern)].map(([, code = '', retryable, , meaning = '']) => ({
    code,
    retryable: retryable === 'true',
    meaning,
  }));
  return someOf(rows, 'errors');
}

/** @param {string} header native/engine/Event.h @param {string} source native/engine/Event.cpp */
export function readEvents(header, source) {
  const numbers = new Map(
    [...header.matchAll(/inline constexpr int (\w+) = (-?\d+);/g)].map(([, name, number]) => [name, Number(number)]),
  );
  const code = (/** @type {string} */ name) => {
    const number = numbers.get(name);
    if (number === undefined) throw new Error(`the event ${name} has no number in native/engine/Event.h`);
    return number;
  };
  const rows = [];
  const pattern =
    /RTCROOM_EVENT\((Push|Play), (\w+), (\w+),\s*"([^"]*)"\)|RTCROOM_SHARED\((\w+), "(\w+)",\s*"([^"]*)"\)/g;
  for (const [, side, name, severity, meaning, shared, suffix, sharedMeaning] of source.matchAll(pattern)) {
    if (name) rows.push({ side, name, code: code(name), severity: severity.toLowerCase(), meaning });
    else {
      for (const each of ['Push', 'Play']) {
        rows.push({
          side: each,
          name: `${each.toUpperCase()}_${suffix}`,
          code: code(shared),
          severity: 'warning',
          meaning: sharedMeaning,
        });
      }
    }
  }
  return someOf(rows, 'events');
}

/** @param {string} source native/engine/Status.cpp */
export function readStatus(source) {
  const rows = [...source.matchAll(/StatusKey\{"(\w+)", "([^"]*)"\}/g)].map(([, name, unit]) => ({ name, unit }));
  return someOf(rows, 'status keys');
}

/** @returns {import('../../dist/live/addon.js').LiteavMatrixRow[]} */
export function readLiteavMatrix() {
  return someOf(builtAddon('liteavMatrix').liteavMatrix(), 'methods of the LiteAV SDK');
}

/** @returns {import('../../dist/live/addon.js').EmbeddedMatrixRow[]} */
export function readEmbeddedMatrix() {
  return someOf(builtAddon('embeddedMatrix').embeddedMatrix(), 'methods of the embedded engine');
}

/** FFmpeg's encoders in the prebuilt addon of Windows. @param {string} source scripts/windows/buildFfmpeg.mjs */
export function readPrebuiltEncoders(source) {
  const [, list = ''] = /^ {2}encoder: \[(.*?)\],$/ms.exec(source) ?? [];
  return someOf(
    [...list.matchAll(/'(\w+)'/g)].map(([, name = '']) => name),
    'encoders of FFmpeg for Windows',
  );
}

/** @param {string} table that it must have */
function builtAddon(table) {
  const require = createRequire(import.meta.url);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const addon = require(process.env.LITEAV_RTCROOM_ADDON || require('node-gyp-build').resolve(root));
  if (typeof addon[table] !== 'function') {
    throw new Error('the addon is older than its sources: run  npm run build:native');
  }
  return addon;
}
