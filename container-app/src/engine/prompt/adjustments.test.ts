import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Adjustments,
  clampAdjustments,
  combine,
  type Effect,
  neutralAdjustments,
} from './adjustments.ts';

test('factors multiply and offsets add, each as strongly as asked', () => {
  const once = combine(neutralAdjustments(), {
    saturation: 1.5,
    warmth: 0.2,
    tint: { red: 2, green: 1, blue: 0.5 },
  });
  const { saturation, warmth, tint } = combine(
    once,
    { saturation: 2, warmth: 0.1, tint: { red: 3, green: 1, blue: 4 } },
    2,
  );
  assert.equal(saturation, 6);
  assert.ok(Math.abs(warmth - 0.4) < 1e-12);
  assert.deepEqual(tint, { red: 18, green: 1, blue: 8 });
});

test('a strength and its negative undo each other', () => {
  const effect: Effect = {
    brightness: 1.3,
    contrast: 0.7,
    grain: 0.4,
    strokeScale: 2,
    tint: { red: 1.2, green: 1, blue: 0.8 },
  };
  const result = combine(combine(neutralAdjustments(), effect, 1.7), effect, -1.7);
  assertClose(result, neutralAdjustments());
});

test('the order of effects does not matter, even beyond the ranges', () => {
  const effects: Effect[] = [
    { saturation: 5, warmth: 2 },
    { saturation: 0.3, warmth: -1.5 },
    { grain: -1 },
    { grain: 1.5 },
  ];
  const apply = (list: Effect[]) =>
    clampAdjustments(list.reduce<Adjustments>((base, effect) => combine(base, effect), neutralAdjustments()));
  assertClose(apply(effects), apply([...effects].reverse()));
  assert.equal(apply(effects).warmth, 0.5);
  assert.equal(apply(effects).grain, 0.5);
});

test('half of black and white is half grey, and nothing brings colour back', () => {
  const half = combine(neutralAdjustments(), { saturation: 0 }, 0.5);
  assert.equal(half.saturation, 0.5);
  const none = combine(combine(neutralAdjustments(), { saturation: 0 }), { saturation: 3 });
  assert.equal(none.saturation, 0);
});

test('clamping brings every number into its range and leaves neutral alone', () => {
  assert.deepEqual(clampAdjustments(neutralAdjustments()), neutralAdjustments());
  const clamped = clampAdjustments({
    saturation: 9,
    brightness: 0,
    contrast: 9,
    warmth: -3,
    tint: { red: 0, green: 1, blue: 7 },
    sharpness: 3,
    grain: -1,
    strokeScale: 9,
    influence: -2,
  });
  assert.deepEqual(clamped, {
    saturation: 3,
    brightness: 0.4,
    contrast: 2,
    warmth: -1,
    tint: { red: 0.3, green: 1, blue: 3 },
    sharpness: 1,
    grain: 0,
    strokeScale: 2.5,
    influence: -0.5,
  });
});

function assertClose(actual: Adjustments, expected: Adjustments): void {
  const flat = ({ tint, ...numbers }: Adjustments) => [...Object.values(numbers), ...Object.values(tint)];
  const wanted = flat(expected);
  for (const [index, value] of flat(actual).entries()) {
    assert.ok(Math.abs(value - (wanted[index] ?? Number.NaN)) < 1e-9, `${value}, not ${wanted[index]}`);
  }
}
