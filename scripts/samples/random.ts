// Seeded random numbers: the same seed gives the same picture, byte for byte.

/** Draws the next number, uniform in [0, 1). */
export type Random = () => number;

/** A small fast generator (mulberry32, Tommy Ettinger, public domain) with 32 bits of state. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Bell-shaped around 0 with a standard deviation of about 1, never beyond 3 (a sum of six uniforms). */
export function bell(random: Random): number {
  let sum = 0;
  for (let i = 0; i < 6; i++) sum += random();
  return (sum - 3) * Math.SQRT2;
}
