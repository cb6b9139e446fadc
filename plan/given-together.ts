// Options that cannot be meant together.

type Given = { readonly idle: boolean; readonly chart?: string } & Partial<
  Record<'arrivals' | 'trace' | 'peak-per-minute' | 'jobs-per-day' | 'days', string>
>;

/** @throws Error in one sentence for an option that another makes void: who gives both believes that both count. */
export function checkTogether(given: Given): void {
  const { arrivals, trace } = given;
  if (given.idle && given.chart !== undefined)
    throw new Error(`Expected no --chart with --idle, which has nothing to draw, received "${given.chart}"`);
  if (arrivals === 'trace' && trace === undefined)
    throw new Error('Expected --trace FILE with --arrivals trace, received none');
  if (trace !== undefined && arrivals !== undefined && arrivals !== 'trace')
    throw new Error(`Expected --arrivals trace, or none, with --trace, received "${arrivals}"`);
  if (arrivals === 'burst' && given['peak-per-minute'] === undefined)
    throw new Error('Expected --peak-per-minute N with --arrivals burst, received none');
  if (arrivals === 'constant' && given['peak-per-minute'] !== undefined)
    throw new Error(
      'Expected no --peak-per-minute with --arrivals constant, which has no peak, received one',
    );
  if (trace === undefined) return;
  for (const name of ['peak-per-minute', 'jobs-per-day', 'days'] as const)
    if (given[name] !== undefined)
      throw new Error(`Expected no --${name} with --trace, which says it, received "${given[name]}"`);
}
