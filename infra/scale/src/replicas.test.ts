import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  fixedScaleSettings,
  initialScaleState,
  pollActivity,
  type ScaleSettings,
  syncReplicas,
} from './replicas.ts';

const settings = { ...fixedScaleSettings, maxReplicas: 3, queueLength: 1, cooldownSeconds: 60 };

interface Step {
  readonly atSeconds: number;
  readonly clock: 'poll' | 'sync';
  readonly count: number | undefined;
  readonly expected: number;
}

const poll = (atSeconds: number, count: number | undefined, expected: number): Step => ({
  ...{ atSeconds, clock: 'poll', count, expected },
});
const sync = (atSeconds: number, count: number | undefined, expected: number): Step => ({
  ...{ atSeconds, clock: 'sync', count, expected },
});

interface Story {
  readonly settings?: Partial<ScaleSettings>;
  readonly from?: number;
  readonly steps: readonly Step[];
}

/** Each story is what the queue says over time, on which clock, and how many workers there have to be. */
const stories: Readonly<Record<string, Story>> = {
  'KEDA wakes one, whatever waits, and the HPA leaves zero alone': {
    steps: [sync(0, 9, 0), poll(1, 0, 0), poll(16, 9, 1)],
  },
  'KEDA leaves a number above zero alone while something is there': {
    from: 3,
    steps: [poll(0, 1, 3), poll(15, 900, 3)],
  },
  'nobody is woken by a count that is not above the activation': {
    settings: { activationQueueLength: 2 },
    steps: [poll(0, 2, 0), poll(15, 3, 1)],
  },
  // 4/(1*1) = 4: ceil(4/1) = 4, at most 3. 2/(1*3) = 0.67: 2, but the highest of the last 300 s is 4, at most 3.
  'the HPA follows the count at once upwards, to the most allowed': {
    from: 1,
    steps: [sync(0, 4, 3), sync(15, 2, 3)],
  },
  // ceil(7/3) = 3, ceil(9/3) = 3: 9/(3*3) = 1. ceil(10/3) = 4, but 10/(3*3) = 1.11 is more than 0.1 away: 4.
  'a worker for each queueLength messages': {
    settings: { queueLength: 3, maxReplicas: 10 },
    from: 1,
    steps: [sync(0, 7, 3), sync(15, 9, 3), sync(30, 10, 4)],
  },
  // 11/(10*1) = 1.1 and 9/(10*1) = 0.9 are within the tolerance, 12/10 = 1.2 is not: ceil(12/10) = 2.
  'within a tenth nothing changes': {
    settings: { queueLength: 10 },
    from: 1,
    steps: [sync(0, 11, 1), sync(15, 9, 1), sync(30, 12, 2)],
  },
  // From 1 at most max(4, 2*1) = 4, from 4 max(4, 8) = 8, from 8 max(4, 16) = 16, from 16 the most allowed, 30.
  'one step leads to four, or to twice as many': {
    settings: { maxReplicas: 30 },
    from: 1,
    steps: [sync(0, 100, 4), sync(15, 100, 8), sync(30, 100, 16), sync(45, 100, 30)],
  },
  // The 3 of second 0 counts up to and including second 300, the 2 of second 200 up to 500.
  'fewer messages take workers away only after 300 s, to the highest number asked for in that time': {
    from: 1,
    steps: [
      ...[sync(0, 3, 3), sync(50, 1, 3), sync(200, 2, 3), sync(300, 1, 3)],
      ...[sync(315, 1, 2), sync(500, 1, 2), sync(515, 1, 1)],
    ],
  },
  'the HPA alone never goes below one': { from: 2, steps: [sync(0, 0, 1), sync(301, 0, 1)] },
  // Active at 30: the cooldown is over at 90.
  'all go at once when nothing was there for the cooldown, and not before': {
    from: 3,
    steps: [poll(0, 3, 3), poll(30, 1, 3), poll(45, 0, 3), poll(75, 0, 3), poll(90, 0, 0)],
  },
  'a message within the cooldown starts it anew': {
    steps: [poll(0, 1, 1), poll(50, 1, 1), poll(100, 0, 1), poll(110, 0, 0)],
  },
  'without a cooldown they go at the first look': {
    settings: { cooldownSeconds: 0 },
    steps: [poll(0, 1, 1), poll(15, 0, 0)],
  },
  'who was started by another hand goes without a cooldown': { from: 2, steps: [poll(0, 0, 0)] },
  'a message that a worker holds counts, so that work never stops its own worker': {
    steps: [poll(0, 1, 1), poll(600, 1, 1), sync(605, 1, 1), poll(1_200, 1, 1)],
  },
  // The HPA looks at nothing at zero and forgets nothing: 3 was asked for at 15, which holds up to 315.
  'who wakes within 300 s comes up to what there was before': {
    steps: [poll(0, 3, 1), sync(15, 3, 3), poll(75, 0, 0), poll(90, 1, 1), sync(90, 1, 3)],
  },
  'who wakes later does not': {
    steps: [poll(0, 3, 1), sync(15, 3, 3), poll(75, 0, 0), poll(330, 1, 1), sync(330, 1, 1)],
  },
  'while the queue cannot be read nothing changes, however long': {
    steps: [
      ...[poll(0, 2, 1), sync(5, 2, 2), poll(900, undefined, 2), sync(915, undefined, 2)],
      ...[poll(930, 0, 0), poll(945, undefined, 0)],
    ],
  },
};

describe('replicas', () => {
  for (const [name, story] of Object.entries(stories)) {
    test(name, () => {
      let current = story.from ?? 0;
      let state = initialScaleState;
      for (const { atSeconds, clock, count, expected } of story.steps) {
        const decide = clock === 'poll' ? pollActivity : syncReplicas;
        const now = { count, current, nowMs: atSeconds * 1_000, state };
        const decision = decide({ ...now, settings: { ...settings, ...story.settings } });
        assert.equal(decision.replicas, expected, `${clock} at ${atSeconds} s`);
        current = decision.replicas;
        state = decision.state;
      }
    });
  }

  test('the memory of recommendations is bounded by the window', () => {
    let state = initialScaleState;
    for (let second = 0; second < 2_000; second += 1)
      ({ state } = syncReplicas({ count: 1, current: 1, nowMs: second * 1_000, state, settings }));
    // Those of the last 300 s with both ends: 0, 1, ... 300 s ago.
    assert.equal(state.recommendations.length, 301);
  });
});
