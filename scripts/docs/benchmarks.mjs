/** docs/benchmarks.md: all rows of bench/results. */

import { missedAims, verdict } from './aims.mjs';
import { lost, measured } from './figures.mjs';
import { megabytes, ms, percent } from './format.mjs';
import { behindFfmpeg } from './losses.mjs';

/** @typedef {import('./figures.mjs').Row} Row */
/** @typedef {import('./figures.mjs').Results} Results */

/** @type {{ name: keyof Results, title: string, about: string, columns: [string, (row: Row) => string][] }[]} */
const sections = [
  {
    name: 'latency',
    title: 'Latency of one stream',
    about:
      'From the call with a raw picture (for ffmpeg: the write into its pipe) to the decoded picture in JavaScript, by the clock in the picture, with sound but where it says so: pictures of a call wait for the sound that belongs to them. "In a process" is `engine: \'process\'`: both ends have their engine in a child process.',
    columns: [
      ['p50, ms', (row) => ms(row.p50Ms)],
      ['p95, ms', (row) => ms(row.p95Ms)],
      ['largest, ms', (row) => ms(row.maxMs)],
      ['Lost', (row) => lost(row).replace(', ', '').replace(' lost', '') || 'none'],
    ],
  },
  {
    name: 'firstFrame',
    title: 'First frame',
    about:
      'From the call (for ffmpeg: the start of its process) to the first decoded picture, joining all over a GOP of 2 s; and until a picture is younger than 100 ms.',
    columns: [
      ['p50, ms', (row) => ms(row.p50Ms)],
      ['p95, ms', (row) => ms(row.p95Ms)],
      ['largest, ms', (row) => ms(row.maxMs)],
      ['live after, ms (p50)', (row) => ms(row.liveP50Ms)],
    ],
  },
  {
    name: 'cpu',
    title: 'CPU and memory of one stream',
    about:
      'A process that pushes the raw pictures of a file, with sound, and one that decodes them and throws them away. CPU is percents of a core; memory is the proportional set size, of ours beyond that of a Node.js with the package loaded, and of an engine in a child process with all of the child.',
    columns: [
      ['CPU', (row) => percent(row.cpuPercent)],
      ['Memory', (row) => megabytes(row.memoryMb)],
      ['Pictures shown', (row) => percent(row.shownPercent)],
    ],
  },
  {
    name: 'options',
    title: 'Options of a push',
    about:
      'CPU of a process that pushes raw pictures of 720p30, with sound, and one option, beside the plain push; they take turns. Windows are those of an X server in memory (Xvfb), whose own CPU does not count. Memory is the proportional set size, with that of Node.js.',
    columns: [
      ['CPU', (row) => percent(row.cpuPercent)],
      ['× plain', (row) => row.ofPlain?.toFixed(2) ?? '?'],
      ['Memory', (row) => megabytes(row.memoryMb)],
    ],
  },
  {
    name: 'render',
    title: 'From the capture to the window',
    about:
      'From the capture of a picture to its pixels in a window, in the memory of an X server (Xvfb), by the clock in the picture: of the preview, and of a player behind the embedded media server. The screen is looked at as often as one thread can, some times a millisecond. What a real screen adds is not in it.',
    columns: [
      ['p50, ms', (row) => ms(row.p50Ms)],
      ['p95, ms', (row) => ms(row.p95Ms)],
      ['largest, ms', (row) => ms(row.maxMs)],
      ['Never seen', (row) => lost(row).replace(', ', '').replace(' lost', '') || 'none'],
    ],
  },
  {
    name: 'recording',
    title: 'Recording by copy',
    about:
      'Of one stream from one server, beside `ffmpeg -c copy` into a plain MP4; ours is written as fragments of 200 ms, which a crash leaves playable. "Played anyway" is what `startLocalRecord` adds to a process that plays the stream: the threads that began with it, and memory. "Nothing else" is all of that process: a player that nobody looks at, which decodes its sound and no picture but the first; ffmpeg alone decodes none.',
    columns: [
      ['CPU', (row) => percent(row.cpuPercent)],
      ['Memory', (row) => megabytes(row.memoryMb)],
      ['Aim (0.7 × the CPU of ffmpeg, 2 MB)', (row) => (row.way === 'ours' ? verdict('recording', row) : '')],
    ],
  },
  {
    name: 'streams',
    title: 'Many streams at once',
    about:
      "Each is pushed and played on the machine that also runs the server: ours all in one process for each side, ffmpeg's in two processes a stream. Latency is that of one of them; CPU and memory are of each of the others, push and play together. Where the cores do not suffice, less than all pictures are shown, or they are late: ours leaves pictures out, ffmpeg is late.",
    columns: [
      ['Latency p50, ms', (row) => row.failed ?? (row.p50Ms === undefined ? 'no pictures' : ms(row.p50Ms))],
      ['p95, ms', (row) => ms(row.p95Ms)],
      [
        'Lost of the timed one',
        (row) => (row.failed ? '' : lost(row).replace(', ', '').replace(' lost', '') || 'none'),
      ],
      ['Did not begin, or ended', (row) => (row.failedStreams ? String(row.failedStreams) : '')],
      ['Pictures shown of the others', (row) => percent(row.shownPercent)],
      ['CPU of each', (row) => percent(row.cpuPercent)],
      ['Memory of each', (row) => megabytes(row.memoryMb)],
      ['CPU of the server', (row) => percent(row.serverPercent)],
    ],
  },
  {
    name: 'stop',
    title: 'Stop',
    about: 'Until `stopPush` and `stopPlay` resolve: every thread has ended.',
    columns: [
      ['median, ms', (row) => ms(row.p50Ms)],
      ['largest, ms', (row) => ms(row.maxMs)],
    ],
  },
  {
    name: 'eventLoop',
    title: 'Event loop',
    about:
      'How late a timer of 1 ms is while 8 players hand 720p30 and its sound to listeners that read them; another process pushes. The row below has no players.',
    columns: [
      ['p50, ms', (row) => ms(row.p50Ms)],
      ['p95, ms', (row) => ms(row.p95Ms)],
      ['p99, ms', (row) => ms(row.p99Ms)],
      ['largest, ms', (row) => ms(row.maxMs)],
      ['Pictures shown', (row) => percent(row.shownPercent)],
    ],
  },
  {
    name: 'kills',
    title: 'Killed recorders',
    about:
      'A process that records what it pushes and what it plays is killed at a random point, each fifth time while it makes plain files. Both recordings must show every picture that came, but for the last second, and be repaired to plain files. `RTCROOM_KEEP_RESULTS=1 npm test -- --only chaos -- test/chaos/recording.kill.test.ts` renews this.',
    columns: [
      ['Kills', ({ kills }) => String(kills)],
      ['Of those with a file that was not so', ({ bad }) => String(bad)],
      ['Lost at most, s', ({ lostSeconds }) => lostSeconds?.toFixed(2) ?? '?'],
      ['Files repaired', ({ repaired }) => String(repaired)],
      ['Aim (all, at most 1 s)', (row) => verdict('kills', row)],
    ],
  },
  {
    name: 'soak',
    title: 'Soak',
    about:
      'docs/testing.md has what is done and how it is judged. `npm run soak -- --scenario reconnect --keep` renews this.',
    columns: [
      ['First', (row) => number(row.first)],
      ['Last', (row) => number(row.last)],
      ['Slope a minute', (row) => number(row.slope)],
      ['95 % interval', (row) => (row.low === undefined ? '' : `${number(row.low)} to ${number(row.high)}`)],
      ['', (row) => (row.held === undefined ? verdict('soak', row) : row.held ? 'no slope' : 'grows')],
    ],
  },
];

/** @param {number | null | undefined} value null: not a number, in JSON */
function number(value) {
  return typeof value === 'number' ? value.toFixed(Math.abs(value) >= 100 ? 0 : 2) : '';
}

/** What else a row tells: of the soak. @param {Row[]} rows */
const facts = (rows) => rows.flatMap(({ facts: some = [], problems = [] }) => [...some, ...problems]);

/** @param {string[]} lines @param {string} none */
const list = (lines, none) => (lines.length > 0 ? lines.map((line) => `- ${line}`).join('\n') : none);

/**
 * @param {Results} results
 * @param {(head: string[], rows: string[][]) => string} table
 * @param {string[]} missedByService aims of the room service
 */
export function benchmarksDocument(results, table, missedByService) {
  const parts = sections.flatMap(({ name, title, about, columns }) => {
    const result = results[name];
    if (!result) return [];
    // A column that a result has nothing for is left out.
    const used = columns.filter(([, cell]) => result.rows.some((row) => cell(row) !== ''));
    const rows = result.rows.map((row, index) => [
      row.what === result.rows[index - 1]?.what ? '' : row.what,
      row.way,
      ...used.map(([, cell]) => cell(row)),
    ]);
    const head = ['', '', ...used.map(([name]) => name)];
    const besides = facts(result.rows).map((line) => `- ${line}`);
    const lines = [`## ${title}`, about, table(head, rows), ...(besides.length > 0 ? [besides.join('\n')] : [])];
    return [[...lines, measured(result)].join('\n\n')];
  });
  // Within a bench alone, whose runs take turns: another one's may be of a day when the machine was slower.
  const behind = Object.values(results).flatMap((result) => behindFfmpeg(result?.rows ?? []));
  return `# Benchmarks

\`npm run bench\` measures all of this on Linux, in some 55 minutes; \`npm run bench -- --only cpu\` one of them. Made from
\`bench/results\` by \`npm run docs\`.

Ours and ffmpeg get the same pictures, bitrates, server and machine in one run, and take turns within it. "Tuned" is ffmpeg by
its own advice for low latency: x264 ultrafast with zerolatency and one thread, no probing, no buffering, TCP_NODELAY at both
ends, and a rate that is kept over 0.4 s as ours is (without that x264 made 1976 kbit/s of these pictures for 1500, with a fifth
less CPU). "Default" is what people write at first. Bitrates are 800 kbit/s at 360p, 1500 at 720p, 3000 at 1080p, with a key frame
a second, and ours encodes with x264 ultrafast and zerolatency as well.

${parts.join('\n\n')}

## Bad networks

[docs/qos.md](qos.md) has the figures and plots of calls behind a bottleneck, loss, stalls and jitter.

## Room service

[docs/room-service.md](room-service.md#what-one-process-bears) has the figures of its requests, notices, heartbeats and memory, beside
a bare fastify server.

## Where we lose

By more than 5 %, ffmpeg tuned is ahead here:

${list(behind, 'Nowhere in these figures.')}

Behind our own aims:

${list([...missedAims(results), ...missedByService], 'Nowhere in these figures.')}

Ours also lives in a Node.js, whose memory (the first row of that table) an application of ffmpeg processes may do without. And at one
bitrate our pictures, like tuned ffmpeg's, are worse than those of ffmpeg's default, which buys them with its CPU and its latency.
`;
}
