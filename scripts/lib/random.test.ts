import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeRandom } from './random.ts';

describe('random choices', () => {
  it('are the same for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const random = makeRandom(seed);
      return [
        random.next(),
        random.pick(['a', 'b', 'c']),
        random.shuffled([1, 2, 3, 4, 5]),
        random.fork().next(),
      ];
    };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  it('are spread evenly', () => {
    const random = makeRandom(1);
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.3)).filter(Boolean).length;
    assert.ok(Math.abs(hits - 3_000) < 200, `${hits}`);
    const drawn = Array.from({ length: 1_000 }, () => random.between(2, 4));
    assert.ok(Math.min(...drawn) >= 2 && Math.max(...drawn) < 4);
  });
});
