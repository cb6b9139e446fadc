// The few statistics of the measuring programs. Medians, because on a shared machine single runs go astray to one side only.

/** The middle value, or the mean of the two in the middle. @throws RangeError when there is none. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return (low + high) / 2;
}

/**
 * The smallest value that at least `share` (0..1) of all values do not exceed: the nearest-rank percentile.
 * @throws RangeError when there are no values.
 */
export function percentile(values: readonly number[], share: number): number {
  return percentileOfSorted(ascending(values), share);
}

/** The same of values that are in ascending order already; NaN when there are none. */
export function percentileOfSorted(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
}

/** The median of each field over all records; a field that a record lacks is left out of that field's median. */
export function medianOfEach(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return Object.fromEntries(
    [...names].map((name) => [name, median(records.flatMap((record) => record[name] ?? []))]),
  );
}

function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('Expected at least one value, received none');
  return values.toSorted((a, b) => a - b);
}
