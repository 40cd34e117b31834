/** Longer waits than this are not taken from a server, ms. */
const maxRetryAfterMs = 300_000;

/**
 * How long a server asks to be left alone, ms: its `Retry-After` as seconds or as a date. Undefined without one that can
 * be read; at most 5 minutes.
 */
export function readRetryAfterMs(header: string | string[] | undefined, nowMs = Date.now()): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  // Date.parse alone takes a "-5" for a year.
  const date = / GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : date - nowMs;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(ms, 0), maxRetryAfterMs);
}

/**
 * The wait before the next try, ms: its own backoff, and not before the server wants it. Clients that were all told the
 * same are spread over half as long again, at most over 5 s.
 */
export function waitMs(
  backoffMs: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  if (retryAfterMs === undefined) return backoffMs;
  return Math.max(backoffMs, Math.round(retryAfterMs + random() * Math.min(retryAfterMs / 2, 5000)));
}
