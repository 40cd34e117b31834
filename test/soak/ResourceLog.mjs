import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {object} Sample
 * @property {number} round
 * @property {number} minute
 * @property {number} anonymousKb what the process has allocated: resident, without the pages of programs and libraries
 * @property {number} rssKb
 * @property {number} heapKb used by JavaScript
 * @property {number} handles
 * @property {number} threads
 * @property {number} descriptors
 */

/**
 * What this process holds, over time. Each sample follows a full garbage collection: without it V8's heap swings by tens
 * of MB between collections that are minutes apart. Samples go to a file, so that they are no growth themselves.
 */
export class ResourceLog {
  #path;
  #startedMs = performance.now();

  /** @param {string} path */
  constructor(path) {
    this.#path = path;
    writeFileSync(path, '');
  }

  get minute() {
    return (performance.now() - this.#startedMs) / 60_000;
  }

  /** @param {number} round samples of one are judged as one point @returns {Sample} */
  sample(round) {
    globalThis.gc();
    const status = readFileSync('/proc/self/status', 'utf8');
    const sample = {
      round,
      minute: this.minute,
      anonymousKb: Number(status.match(/^RssAnon:\s+(\d+)/m)?.[1]),
      rssKb: Number(status.match(/^VmRSS:\s+(\d+)/m)?.[1]),
      heapKb: process.memoryUsage().heapUsed / 1024,
      handles: process.getActiveResourcesInfo().length,
      threads: readdirSync('/proc/self/task').length,
      descriptors: readdirSync('/proc/self/fd').length,
    };
    appendFileSync(this.#path, `${JSON.stringify(sample)}\n`);
    return sample;
  }

  /** @returns {Sample[]} */
  read() {
    const lines = readFileSync(this.#path, 'utf8').trim().split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line));
  }
}

/** @param {Sample} sample */
export function sampleLine({ minute, anonymousKb, rssKb, heapKb, handles, threads, descriptors }) {
  return `${minute.toFixed(1).padStart(6)} min  ${anonymousKb} KB of ${rssKb} KB  ${Math.round(heapKb)} KB of JS heap  ${handles} handles  ${threads} threads  ${descriptors} descriptors`;
}
