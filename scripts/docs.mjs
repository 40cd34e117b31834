#!/usr/bin/env node
/**
 * Makes the documents that repeat tables of the code: docs/errors.md from lib/errors.ts, docs/events.md from the native
 * event and status tables and scripts/docs/engineTables.mjs, the tables in docs/engines.md from the addon's, the options
 * in docs/room-service.md and docs/openapi.json from the compiled room service, docs/benchmarks.md and the figures in README.md, docs/qos.md and
 * docs/room-service.md from bench/results. `--check` writes nothing and fails when a document no longer matches.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchmarksDocument } from './docs/benchmarks.mjs';
import { embeddedSupport } from './docs/embeddedSupport.mjs';
import { embeddedNever, liteavV2Never, statusRows } from './docs/engineTables.mjs';
import { figures, longRunFigures, mainRows, networkFigures, networkSummary } from './docs/figures.mjs';
import { behindFfmpeg } from './docs/losses.mjs';
import { readService } from './docs/service.mjs';
import { missedServiceAims, serviceFigures } from './docs/serviceFigures.mjs';
import { readErrors, readEvents, readLiteavMatrix, readStatus } from './docs/tables.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');

/** @param {string} path */
function source(path) {
  return readFileSync(join(root, path), 'utf8');
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function errorsDocument() {
  const rows = readErrors(source('lib/errors.ts')).map(({ code, meaning, retryable }) => [
    `\`${code}\``,
    meaning,
    retryable ? 'yes' : 'no',
  ]);
  return `# Errors

Every error is an \`RtcError\` with a stable \`code\`; tell errors apart by it, never by the message. \`retryable\` says
whether the same call may succeed later unchanged; \`nativeCode\` is the number that the SDK or the room service gave;
\`cause\` is what lies beneath. \`UnsupportedError\` is the \`RtcError\` with \`ERR_RTC_UNSUPPORTED\`.

Made from \`lib/errors.ts\` by \`node scripts/docs.mjs\`.

${table(['Code', 'Meaning', 'Retryable'], rows)}
`;
}

function eventsDocument() {
  const events = readEvents(source('native/engine/Event.h'), source('native/engine/Event.cpp'));
  const part = (/** @type {'Push' | 'Play'} */ side) =>
    table(
      ['Name', 'Number', 'Severity', 'Meaning', 'Embedded', 'LiteAV V2'],
      events
        .filter((event) => event.side === side)
        .map(({ name, code, severity, meaning }) => {
          const never = /** @type {Record<string, string>} */ (embeddedNever)[name];
          const cells = [`\`${name}\``, String(code), severity, meaning];
          return [...cells, never ? `never: ${never}` : 'yes', liteavV2Never.has(name) ? 'never' : 'yes'];
        }),
    );
  const status = readStatus(source('native/engine/Status.cpp')).flatMap(({ name, unit }) => statusCells(name, unit));
  return `# Events and status

\`TXLivePusher\` and \`TXLivePlayer\` emit each event by its name and also as \`'event'\`. Numbers are those of the LiteAV
interface SDK; where another generation's number differs, \`nativeCode\` carries it.

Not every engine tells each: the embedded engine never what it has no part for, and the V2 generation of the LiteAV SDK never what
its interface has no call for. The 2018 and interface generations pass on whatever their SDK tells, by its number.

Made from \`native/engine\` and \`scripts/docs/engineTables.mjs\` by \`node scripts/docs.mjs\`.

## Pusher

${part('Push')}

## Player

${part('Play')}

## Status

\`'status'\` comes about every 2 s while pushing or playing (\`statusIntervalMs\`), with these keys. A key that does not apply is
absent. The 2018 and interface generations of the LiteAV SDK pass on those of them that their SDK tells, as it means them: its
documents give few units. Keys of its WebRTC transport are not among them.

${table(['Key', 'Unit', 'Side', 'Meaning', 'Embedded', 'LiteAV V2'], status)}

\`END_TO_END_LATENCY\` is how long ago the pictures that were shown since the last report had been taken, on average: from the
pusher's capture to the decoded picture. It is there only while the stream carries the time of capture, which the pusher's option
\`streamClock\` (on by default) puts into H.264 and H.265 every half second, as SEI by MISB ST 0604; a stream that was encoded anew
on its way has lost it, other programs' streams have it if they write that SEI. It assumes that both machines' wall clocks agree: it
is wrong by as much as they differ, and may be negative. Keep both on NTP. A time more than an hour away is not believed.
`;
}

/** The rows of one key, one a side that means something else by it. @param {string} name @param {string} unit */
function statusCells(name, unit) {
  const row = /** @type {Record<string, import('./docs/engineTables.mjs').StatusRow>} */ (statusRows)[name];
  if (!row) throw new Error(`the status key ${name} is not in scripts/docs/engineTables.mjs`);
  const tells = (/** @type {string} */ sides, /** @type {string} */ side) => sides === 'both' || sides === side;
  const cells = (/** @type {string} */ side, /** @type {string} */ sides, /** @type {string} */ meaning) => [
    `\`${name}\``,
    unit,
    side,
    meaning,
    tells(row.embedded, sides) ? 'yes' : `never${row.why ? `: ${row.why}` : ''}`,
    tells(row.liteavV2, sides) ? 'yes' : 'never',
  ];
  const { pusher, player } = row;
  if (pusher && player === 'the same') return [cells('both', 'pusher', pusher)];
  return [
    ...(pusher ? [cells('pusher', 'pusher', pusher)] : []),
    ...(player ? [cells('player', 'player', player)] : []),
  ];
}

/** @param {string} path @param {string} begin @param {string} end @param {string} made what stands between the two comments */
function between(path, begin, end, made, text = source(path)) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has lost the two comments between which its table stands`);
  return `${text.slice(0, from)}${begin}\n\n${made}\n\n${text.slice(to)}`;
}

function enginesDocument() {
  const yes = (/** @type {boolean} */ has) => (has ? 'yes' : '–');
  const rows = readLiteavMatrix().map((row) => [
    row.object,
    `\`${row.method}\``,
    yes(row.tx2018),
    yes(row.interface),
    yes(row.v2R2),
    yes(row.v2R3),
    yes(row.v2R4),
    row.note,
  ]);
  const head = ['Object', 'Method', '2018', 'interface', 'v2 R2', 'v2 R3', 'v2 R4', 'Note'];
  const begin = '<!-- matrix: made by `npm run docs` from the addon -->';
  const document = between('docs/engines.md', begin, '<!-- end of matrix -->', table(head, rows));
  const embedded = embeddedSupport(source('scripts/windows/buildFfmpeg.mjs'), table);
  const beginEmbedded = '<!-- embedded: made by `npm run docs` from the addon -->';
  return between('docs/engines.md', beginEmbedded, '<!-- end of embedded -->', embedded, document);
}

/** By bench; one that was never run is absent. @returns {import('./docs/figures.mjs').Results} */
function benchResults() {
  const names = [
    'latency',
    'firstFrame',
    'stop',
    'cpu',
    'options',
    'render',
    'recording',
    'eventLoop',
    'streams',
    'qos',
    'kills',
    'soak',
  ];
  const there = names.filter((name) => existsSync(join(root, `bench/results/${name}.json`)));
  return Object.fromEntries(there.map((name) => [name, JSON.parse(source(`bench/results/${name}.json`))]));
}

/** @param {import('./docs/figures.mjs').Results} results */
function readmeDocument(results) {
  const { head, rows, note } = figures(results);
  const losses = behindFfmpeg(Object.values(mainRows(results)).flat());
  const lose = `Where ffmpeg tuned is ahead of these: ${losses.length > 0 ? losses.join('; ') : 'nowhere'}.`;
  const parts = [table(head, rows), note, lose];
  if (results.qos) {
    const networks = networkSummary(results.qos);
    parts.push(table(networks.head, networks.rows), networks.note);
  }
  const long = longRunFigures(results);
  if (long.rows.length > 0) parts.push(table(long.head, long.rows));
  const begin = '<!-- figures: made by `npm run docs` from bench/results -->';
  return between('README.md', begin, '<!-- end of figures -->', parts.join('\n\n'));
}

function qosDocument() {
  const { head, rows, note } = networkFigures(JSON.parse(source('bench/results/qos.json')));
  const begin = '<!-- figures: made by `npm run docs` from bench/results -->';
  return between('docs/qos.md', begin, '<!-- end of figures -->', `${table(head, rows)}\n\n${note}`);
}

/** Of the room service, and the names of benches that were never run. */
function serviceResults() {
  const all = ['roomApi', 'notice', 'presence', 'memberMemory'].map((name) => ({
    name,
    path: `bench/results/${name}.json`,
  }));
  const isThere = (/** @type {{ path: string }} */ { path }) => existsSync(join(root, path));
  const there = all.filter(isThere).map(({ path }) => JSON.parse(source(path)));
  return { there, absent: all.filter((one) => !isThere(one)).map(({ name }) => name) };
}

/** @param {{ name: string, rows: string[][] }[]} groups */
function roomServiceDocument(groups) {
  const parts = groups.map(
    ({ name, rows }) => `### ${name}\n\n${table(['Option', 'Default', 'Unit', 'Values', 'Meaning'], rows)}`,
  );
  const begin = '<!-- options: made by `npm run docs` from lib/server/config/configOptions.ts -->';
  const document = between('docs/room-service.md', begin, '<!-- end of options -->', parts.join('\n\n'));
  const { there, absent } = serviceResults();
  const beginFigures = '<!-- figures: made by `npm run docs` from bench/results -->';
  const made = [];
  if (there.length > 0) {
    const { head, rows, note, missed } = serviceFigures(there);
    made.push(table(head, rows), note, `Behind our own aims:\n\n${missed}`);
  }
  if (absent.length > 0) made.push(`Not measured on a quiet machine yet: ${absent.join(', ')}.`);
  return between('docs/room-service.md', beginFigures, '<!-- end of figures -->', made.join('\n\n'), document);
}

const results = benchResults();
const { groups, openApi } = await readService();
const documents = {
  'docs/errors.md': errorsDocument(),
  'docs/events.md': eventsDocument(),
  'docs/engines.md': enginesDocument(),
  'docs/qos.md': qosDocument(),
  'docs/room-service.md': roomServiceDocument(groups),
  'docs/openapi.json': `${JSON.stringify(openApi, null, 2)}\n`,
  'README.md': readmeDocument(results),
  'docs/benchmarks.md': benchmarksDocument(results, table, missedServiceAims(serviceResults().there)),
};
let stale = false;
for (const [path, text] of Object.entries(documents)) {
  const file = join(root, path);
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (old === text) continue;
  if (check) {
    process.stderr.write(`${path} does not match the code: run  node scripts/docs.mjs\n`);
    stale = true;
  } else {
    writeFileSync(file, text);
    process.stdout.write(`${path} written\n`);
  }
}
process.exitCode = stale ? 1 : 0;
