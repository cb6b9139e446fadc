// Inputs with round figures, for sums that can be checked by hand: all prices are 0 but those that a test sets.
import { type PriceName, type Prices, priceNames } from '../cost/prices.ts';
import type { Profile, StageTimes } from '../stage-times.ts';
import { always } from './simulation-settings.ts';

export function roundPrices(prices: Partial<Record<PriceName, { price: number; free?: number }>>): Prices {
  const facts = { per: 1, unit: 'units', date: '2026-11-29', source: 'made up', estimate: false };
  const entry = (name: PriceName) => [name, { ...facts, price: 0, free: 0, ...prices[name] }] as const;
  return {
    ...{ title: 'Round prices', date: '2026-11-29', currency: 'USD', region: 'nowhere' },
    prices: Object.fromEntries(priceNames.map(entry)) as Prices['prices'],
  };
}

/** A cold start of 10 s, a job of 2 s at 1024 px, a replica of a GPU, 2 vCPU and 10 GiB. */
export function roundTimes(): StageTimes {
  const profile: Profile = {
    replica: { gpu: 't4', vcpu: 2, memoryGib: 10 },
    ...{ measured: true, why: 'made up', spread: 0 },
    stages: {
      '1024': { fetch: 0.2, decode: 0.2, stylize: 1, encode: 0.2, store: 0.2, record: 0.2 },
      '2048': { fetch: 0.2, decode: 0.8, stylize: 6, encode: 0.8, store: 0.1, record: 0.1 },
    },
    coldStart: {
      ...{ measured: true, why: 'made up' },
      parts: { allocate: always(1), pull: always(8), load: always(1) },
    },
  };
  return {
    ...{ title: 'Round times', date: '2026-11-29' },
    door: { seconds: 0.5, measured: true, why: 'made up' },
    removal: { seconds: always(1), measured: true, why: 'made up' },
    profiles: { cpu: profile, t4: profile, a100: profile },
  };
}
