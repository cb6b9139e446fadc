// The last look at the whole service, whoever took it: the sweep, or somebody who asked for metrics. It is shown for a few
// minutes and then withdrawn: an instance that no longer sweeps must not tell for ever what it once saw.
import type { Observation } from './observation.ts';

export interface Fleet {
  /** A look that somebody has taken anyway. */
  seen(observation: Observation): void;
  /** What is still true enough to be shown. */
  current(): Observation | undefined;
  /** At most 15 seconds old; looks where there is none, once for all who wait. Rejects where nobody could look. */
  fresh(): Promise<Observation>;
}

/** How often somebody who asks for metrics makes us look. */
const freshMs = 15_000;
/** Three sweeps, as they come by default. */
const validMs = 180_000;

export function makeFleet(
  look: () => Promise<Observation>,
  nowMs: () => number = () => performance.now(),
): Fleet {
  let last: { readonly observation: Observation; readonly atMs: number } | undefined;
  let looking: Promise<Observation> | undefined;

  function seen(observation: Observation, atMs = nowMs()): void {
    if (last === undefined || last.atMs <= atMs) last = { observation, atMs };
  }
  const youngerThan = (ms: number) =>
    last !== undefined && nowMs() - last.atMs < ms ? last.observation : undefined;

  async function lookNow(): Promise<Observation> {
    const atMs = nowMs();
    const observation = await look();
    seen(observation, atMs);
    return observation;
  }

  return {
    seen: (observation) => seen(observation),
    current: () => youngerThan(validMs),
    async fresh() {
      looking ??= lookUnlessKnown().finally(() => {
        looking = undefined;
      });
      return await looking;
    },
  };

  async function lookUnlessKnown(): Promise<Observation> {
    return youngerThan(freshMs) ?? (await lookNow());
  }
}
