// Faults of the network and of a busy service, at random: each kind hits the same share of all storage calls.
import type { Fault, Rule, StorageCall } from '@impasto/shared/testing/fault-proxy';
import type { Random } from '../scripts/lib/random.ts';

interface NetworkFaults {
  readonly rule: Rule;
  /** How many calls met each kind so far. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Long enough to outlast a renewal, short of what would stop everything: calls that never answer are rarer. */
const hangSeconds = { low: 2, high: 8 };
const rareShare = 0.05;
/** More than the tries of one call of the SDK. */
const busyCalls = 3;

/** @param rate share of calls for each kind, 0 to 0.1. */
export function makeNetworkFaults(rate: number, random: Random): NetworkFaults {
  const counts = new Map<string, number>();
  /** Calls that are still to be answered with 503, by client and point. */
  const busy = new Map<string, number>();

  function draw(call: StorageCall): [string, Fault] | undefined {
    const key = `${call.client} ${call.point}`;
    const left = busy.get(key) ?? 0;
    if (left > 0) {
      busy.set(key, left - 1);
      return ['503', { kind: 'status', status: 503 }];
    }
    const kinds: [string, number, () => Fault][] = [
      ['cut before', rate, () => ({ kind: 'cut_before' })],
      ['cut after', rate, () => ({ kind: 'cut_after' })],
      ['half answer', rate, () => ({ kind: 'half_answer' })],
      ['500', rate, () => ({ kind: 'status', status: 500 })],
      ['503', rate, () => ({ kind: 'status', status: 503 })],
      ['latency', rate, () => ({ kind: 'delay', ms: random.pick([50, 200, 500, 1_000]) })],
      [
        'no answer',
        rate * rareShare,
        () => ({ kind: 'hang', ms: 1_000 * random.between(hangSeconds.low, hangSeconds.high) }),
      ],
      ['503 three times', rate * rareShare, () => busyFrom(key)],
    ];
    let drawn = random.next();
    for (const [name, share, make] of kinds) {
      drawn -= share;
      if (drawn < 0) return [name, make()];
    }
    return undefined;
  }

  function busyFrom(key: string): Fault {
    busy.set(key, busyCalls - 1);
    return { kind: 'status', status: 503 };
  }

  return {
    counts,
    rule(call) {
      const drawn = draw(call);
      if (!drawn) return undefined;
      counts.set(drawn[0], (counts.get(drawn[0]) ?? 0) + 1);
      return drawn[1];
    },
  };
}
