import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideReplicas, initialScaleState } from './replicas.ts';

const settings = { maxReplicas: 3, cooldownSeconds: 60 };

interface Step {
  readonly atSeconds: number;
  readonly count: number;
  readonly expected: number;
}

/** Each story is what the queue says over time, and how many workers there have to be. */
const stories: Readonly<Record<string, readonly Step[]>> = {
  'an empty queue wakes nobody': [
    { atSeconds: 0, count: 0, expected: 0 },
    { atSeconds: 1_000, count: 0, expected: 0 },
  ],
  'there is a worker for each message at once, up to the most allowed': [
    { atSeconds: 0, count: 1, expected: 1 },
    { atSeconds: 1, count: 2, expected: 2 },
    { atSeconds: 2, count: 900, expected: 3 },
  ],
  'the last worker is stopped once the queue was empty for the cooldown, and not before': [
    { atSeconds: 0, count: 1, expected: 1 },
    { atSeconds: 10, count: 0, expected: 1 },
    { atSeconds: 59, count: 0, expected: 1 },
    { atSeconds: 60, count: 0, expected: 0 },
  ],
  'a message within the cooldown starts it anew': [
    { atSeconds: 0, count: 1, expected: 1 },
    { atSeconds: 50, count: 1, expected: 1 },
    { atSeconds: 100, count: 0, expected: 1 },
    { atSeconds: 110, count: 0, expected: 0 },
  ],
  'three workers go at once when the cooldown is over': [
    { atSeconds: 0, count: 3, expected: 3 },
    { atSeconds: 30, count: 0, expected: 3 },
    { atSeconds: 60, count: 0, expected: 0 },
  ],
  'fewer messages take workers away only after 300 s, to the highest number asked for in that time': [
    { atSeconds: 0, count: 3, expected: 3 },
    { atSeconds: 50, count: 1, expected: 3 },
    { atSeconds: 200, count: 2, expected: 3 },
    { atSeconds: 299, count: 1, expected: 3 },
    { atSeconds: 300, count: 1, expected: 2 },
    { atSeconds: 499, count: 1, expected: 2 },
    { atSeconds: 500, count: 1, expected: 1 },
  ],
  'a message that a worker holds counts, so that work never stops its own worker': [
    { atSeconds: 0, count: 1, expected: 1 },
    { atSeconds: 600, count: 1, expected: 1 },
    { atSeconds: 1_200, count: 1, expected: 1 },
  ],
  'after zero, what was asked for before is forgotten': [
    { atSeconds: 0, count: 3, expected: 3 },
    { atSeconds: 60, count: 0, expected: 0 },
    { atSeconds: 61, count: 1, expected: 1 },
  ],
};

for (const [story, steps] of Object.entries(stories)) {
  test(story, () => {
    let current = 0;
    let state = initialScaleState;
    for (const { atSeconds, count, expected } of steps) {
      const decision = decideReplicas({ count, current, nowMs: atSeconds * 1_000, state, settings });
      assert.equal(decision.replicas, expected, `at ${atSeconds} s`);
      current = decision.replicas;
      state = decision.state;
    }
  });
}

test('the memory of recommendations is bounded by the window', () => {
  let state = initialScaleState;
  for (let second = 0; second < 2_000; second += 1) {
    ({ state } = decideReplicas({ count: 1, current: 1, nowMs: second * 1_000, state, settings }));
  }
  assert.equal(state.recommendations.length, 300);
});
