import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Logger } from '../logger.js';

/** Open files that connections leave to the store, the media server's process, name look-ups and the program around. */
const reservedFiles = 64;

/** How often a full service closes connections that nobody uses, and how often it says that it is full, ms. */
const reclaimIntervalMs = 1000;
const warnIntervalMs = 60_000;

/**
 * How many files the system lets this process have open: the hard limit, to which Node.js raises the soft one when it
 * starts. Undefined where there is none, or where it cannot be read (only Linux has it in a file).
 */
export function openFileLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/**
 * Keeps a server to `wanted` connections, and below the limit of open files: at that one the system would refuse the store
 * and the logs as well, and Node.js would close what it cannot accept without a word; here newcomers alone are refused, and
 * it is told why. Returns how many connections there can be.
 */
export function limitConnections(server: Server, wanted: number, logger: Logger): number {
  const openFiles = openFileLimit() ?? Number.POSITIVE_INFINITY;
  const allowed = Math.max(1, openFiles - reservedFiles);
  const maxConnections = Math.min(wanted, allowed);
  server.maxConnections = maxConnections;
  let refused = 0;
  let reclaimedMs = Number.NEGATIVE_INFINITY;
  let warnedMs = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    refused++;
    const now = performance.now();
    if (now - reclaimedMs >= reclaimIntervalMs) {
      reclaimedMs = now;
      // Whoever left a connection behind for later makes room for who needs one now.
      server.closeIdleConnections();
    }
    if (now - warnedMs < warnIntervalMs) return;
    warnedMs = now;
    if (wanted <= allowed) {
      logger.warn({ maxConnections, refused }, 'connections are refused: as many as maxConnections are open');
      return;
    }
    const message =
      'connections are refused: the process has as many as its limit of open files allows (EMFILE). ' +
      'Raise the limit: LimitNOFILE of systemd, --ulimit nofile of a container, or ulimit -Hn';
    logger.error({ openFiles, maxConnections, refused }, message);
  });
  return maxConnections;
}
