/**
 * What is run inside Windows Node, and what of the tests of Linux is not, with the reason. The runner prints the latter,
 * so that nothing is left out in silence; a file that is in neither list is run.
 */

const onlyComputes = 'only computes: no socket, file, process, clock or native code, so that what Linux shows holds';

/** Nothing of these differs between systems. */
const computing = [
  ...['im.codec', 'measure.beeps', 'measure.call', 'measure.clock'],
  ...['media.options', 'media.playerBudget', 'media.urlSignature', 'serverAuth.userSig', 'serverLogger.redaction'],
  'soak.verdict',
];

/** @type {Record<string, string>} file, or file and test → why it is not run on Windows */
export const notOnWindows = {
  'test/unit/docs.losses.test.ts': 'makes documents of the repository, which the package has not',
  'test/unit/setup.docs.test.ts': "checks the repository's documents, not the package",
  'test/unit/setup.i386.test.ts': 'setup of a Linux machine',
  'test/unit/setup.libraries.test.ts': 'setup of a Linux machine',
  'test/unit/setup.plan.test.ts': 'setup of a Linux machine',
  'test/unit/setup.state.test.ts': 'setup of a Linux machine',
  'test/unit/setup.testReport.test.ts': "tests the repository's scripts, not the package",
  'test/unit/live.hardware.test.ts: is not there for AV1': 'FFmpeg for Windows encodes no AV1, which is refused before',
  'test/unit/live.frames.test.ts: closed by the collector, their threads end': 'counts threads in /proc',
  'test/unit/serverOperation.watching.test.ts: asks the real media server': 'stops a process, which Windows cannot',
  'test/unit/serverOperation.callbacks.test.ts: a logger that throws breaks no media server':
    'kills the media server, as the chaos tests do, which are of Linux',
  'test/unit/room.realService.test.ts: a restart with its rooms': 'a database file, as in serverStore.persistence',
  'test/unit/serverCli.serve.test.ts': 'ends the service with SIGTERM, which Windows has not',
  'test/unit/cli.main.test.ts': "paths and signals of Linux; test/windows has the command line's own",
  'test/unit/serverStore.persistence.test.ts':
    'libsql keeps a closed file open until its objects are collected, and Windows deletes no open file',
  'test/unit/serverStore.turns.test.ts': 'a database file, as in serverStore.persistence',
  'test/unit/serverIm.killed.test.ts': 'a database file, as in serverStore.persistence',
  'test/unit/serverOperation.openFiles.test.ts': 'sets the limit of open files, which Windows has not',
  ...Object.fromEntries(
    [
      ...['room.kicked', 'serverAuth.endedTokens', 'serverHttp.badInput', 'serverIm.poll', 'serverIm.property'],
      ...['serverIm.several', 'serverIm.stores', 'serverStore.conformance'],
      'serverStore.gathering',
    ].map((name) => [
      `test/unit/${name}.test.ts`,
      'starts redis-server, which Windows has not; against it the service is the same JavaScript',
    ]),
  ),
  ...Object.fromEntries(computing.map((name) => [`test/unit/${name}.test.ts`, onlyComputes])),
};

/** Tests of what starts and ends: each case is a process of its own, so that two files at once are twice as fast. */
const processes = ['exit.matrix', 'engine.liteav.loading', 'engine.liteav.hostile', 'engine.process'].map(
  (name) => `test/windows/${name}.test.ts`,
);

/** Pushes and playbacks of each engine, each generation of the SDK in a file of its own. */
const engines = ['embedded', 'liteav.itx', 'liteav.r2', 'liteav.r3', 'liteav.r4'].map(
  (name) => `test/windows/engine.${name}.test.ts`,
);

/** Suites in the order in which they run. `media`: in real time or on the one screen, one file at a time. */
export const suites = [
  { name: 'unit', include: ['test/unit/**/*.test.ts'], exclude: [], media: false },
  { name: 'processes', include: processes, exclude: [], media: false },
  { name: 'e2e', include: ['test/e2e/roomCall.test.ts'], exclude: [], media: true },
  { name: 'engines', include: engines, exclude: [], media: true },
  // A new file is here until it is in one of the lists above.
  { name: 'windows', include: ['test/windows/**/*.test.ts'], exclude: [...processes, ...engines], media: true },
];
