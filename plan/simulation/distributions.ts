// How times vary around what is usual.
import type { Random } from '../../scripts/lib/random.ts';

/** Seconds: the least, the usual and the most. */
export interface Span {
  readonly low: number;
  readonly usual: number;
  readonly high: number;
}

/** Triangular: between the least and the most, mostly near the usual. */
export function sampleSpan({ low, usual, high }: Span, random: Random): number {
  if (high <= low) return low;
  const share = (usual - low) / (high - low);
  const chance = random.next();
  return chance < share
    ? low + Math.sqrt(chance * (high - low) * (usual - low))
    : high - Math.sqrt((1 - chance) * (high - low) * (high - usual));
}

/** What a usual time is multiplied by: log-normal with a mean of 1, since a few times are much longer than most. */
export function sampleSpread(spread: number, random: Random): number {
  if (spread === 0) return 1;
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.exp(spread * normal - (spread * spread) / 2);
}

/** How many of what happens at random moments, `mean` of them on average, happen this time. */
export function samplePoisson(mean: number, random: Random): number {
  // Knuth's way multiplies until it would underflow; a large mean is the sum of smaller ones.
  if (mean > 500) return samplePoisson(500, random) + samplePoisson(mean - 500, random);
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}
