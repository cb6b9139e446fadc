// The bounds of every histogram, in seconds, chosen for what is measured: each step is at most two and a half times the one
// before it where most values lie. Reports of workers count by `stageBounds`, too.

/** From a small picture's decoding to a large one's painting on a CPU. */
export const stageBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

const waitBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600] as const;
const coldStartBounds = [1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600] as const;

/** By the name of the instrument. */
export const histogramBounds: Readonly<Record<string, readonly number[]>> = {
  'impasto.job.stage.duration': stageBounds,
  'impasto.job.duration': stageBounds,
  'impasto.submission.duration': stageBounds,
  'impasto.job.wait': waitBounds,
  'impasto.cold_start.duration': coldStartBounds,
};

/** How many values lay at or below each bound and above the one before; the last count is of those above all bounds. */
export interface Counted {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Pure: the counts with one more value among them. @param seconds 0 or more. */
export function countIn(counted: Counted | undefined, seconds: number): Counted {
  const counts = [...(counted?.counts ?? new Array<number>(stageBounds.length + 1).fill(0))];
  const found = stageBounds.findIndex((bound) => seconds <= bound);
  const place = found < 0 ? stageBounds.length : found;
  counts[place] = (counts[place] ?? 0) + 1;
  return { counts, sum: Math.round(((counted?.sum ?? 0) + seconds) * 1000) / 1000 };
}
