// Random numbers that a seed brings back, for tests that must be able to repeat what they found.

export interface Random {
  /** A whole number of at least 0 and below `limit`. */
  below(limit: number): number;
  bytes(count: number): Buffer;
  pick<T>(choices: readonly T[]): T;
}

/** Mulberry32: one 32-bit word of state, good enough to spread mutations. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;

  function word(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  const below = (limit: number) => Math.floor((word() / 2 ** 32) * limit);
  return {
    below,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
    pick: (choices) => {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new Error('Expected at least one choice, received none');
      return choice;
    },
  };
}
