/** Nearest-rank percentile (0-100) of unsorted numbers; undefined for none. */
export function percentile(values: readonly number[], percent: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** Middle value, the mean of the two middle ones for an even count; undefined for none. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export interface Point {
  x: number;
  y: number;
}

/** Theil-Sen slope: the median of the slopes of all pairs; outliers (one garbage collection) hardly move it. 0 below two points. */
export function theilSenSlope(points: readonly Point[]): number {
  return median(pairSlopes(points)) ?? 0;
}

export interface SlopeInterval {
  slope: number;
  /** -Infinity and Infinity where the points are too few to bound it: below six at 95 %. */
  low: number;
  high: number;
}

/**
 * The Theil-Sen slope and its confidence interval without an assumption about the noise's distribution: the slopes of all
 * pairs by rank, as far from the middle as Kendall's S strays by chance (Sen 1968), ties counted. Points that depend on
 * their neighbours make it too narrow. `z` is the normal distribution's two-sided quantile; 1.96, for 95 %.
 */
export function theilSenInterval(points: readonly Point[], z = 1.96): SlopeInterval {
  const slopes = pairSlopes(points).sort((a, b) => a - b);
  const ties = tieTerm(points.map(({ x }) => x)) + tieTerm(points.map(({ y }) => y));
  const variance = (varianceTerm(points.length) - ties) / 18;
  const rank = Math.floor((slopes.length - z * Math.sqrt(Math.max(0, variance))) / 2);
  return {
    slope: median(slopes) ?? 0,
    low: rank < 1 ? Number.NEGATIVE_INFINITY : (slopes[rank - 1] as number),
    high: rank < 1 ? Number.POSITIVE_INFINITY : (slopes[slopes.length - rank] as number),
  };
}

function pairSlopes(points: readonly Point[]): number[] {
  const slopes: number[] = [];
  points.forEach((a, index) => {
    for (const b of points.slice(index + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  });
  return slopes;
}

/** 18 times what n values, all different or all equal, have part in the variance of S. */
function varianceTerm(n: number): number {
  return n * (n - 1) * (2 * n + 5);
}

function tieTerm(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + varianceTerm(count), 0);
}
