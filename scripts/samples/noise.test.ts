import assert from 'node:assert/strict';
import test from 'node:test';
import { fbm, makeNoise, ridged } from './noise.ts';
import { makeRandom } from './random.ts';

test('one seed gives one sequence of random numbers, another seed another', () => {
  const draw = (seed: number): number[] => Array.from({ length: 50 }, makeRandom(seed));
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('random numbers fill the range from 0 to 1 evenly', () => {
  const numbers = Array.from({ length: 20_000 }, makeRandom(1));
  const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
  assert.ok(numbers.every((n) => n >= 0 && n < 1));
  assert.ok(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
});

test('one seed gives one noise field, another seed another', () => {
  const [a, b, other] = [makeNoise(3), makeNoise(3), makeNoise(4)];
  const places = Array.from({ length: 100 }, (_, i) => [i * 0.37, i * -0.71] as const);
  assert.deepEqual(
    places.map(([x, y]) => fbm(a, x, y, 5)),
    places.map(([x, y]) => fbm(b, x, y, 5)),
  );
  assert.ok(places.some(([x, y]) => a(x, y) !== other(x, y)));
});

test('noise is continuous and stays within its range', () => {
  const noise = makeNoise(5);
  for (let i = 0; i < 5000; i++) {
    const [x, y] = [i * 0.173 - 300, i * 0.091];
    const here = noise(x, y);
    assert.ok(Math.abs(here) <= 1.01, `noise ${here}`);
    assert.ok(Math.abs(noise(x + 1e-4, y) - here) < 1e-3);
    const crest = ridged(noise, x, y, 6);
    assert.ok(crest >= 0 && crest <= 1, `ridged ${crest}`);
  }
});
