/** Benchmarks of the room service, by name; all together some 10 minutes. */
export const serviceBenches = {
  roomApi: { runs: 5, seconds: 2, load: async () => (await import('./roomApi.mjs')).roomApi },
  notice: { runs: 5, seconds: 3, load: async () => (await import('./notice.mjs')).notice },
  presence: { runs: 1, seconds: 32, load: async () => (await import('./presence.mjs')).presence },
  memberMemory: { runs: 1, seconds: 0, load: async () => (await import('./memberMemory.mjs')).memberMemory },
};

/** What their rows have beside the times. */
export const serviceColumns = {
  requestsPerSecond: 'requests/s',
  ratio: 'of bare',
  cpuMicros: 'CPU µs each',
  cpuRatio: 'of bare, CPU',
  late: 'late',
  stale: 'stale',
  callersBehindMs: 'callers behind ms',
  rssKb: 'KB each',
  heapKb: 'JS KB each',
};
