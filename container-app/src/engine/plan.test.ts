import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PlanFacts, planPainting } from './plan.ts';

type Change = Partial<Omit<PlanFacts, 'knobs'>> & Partial<PlanFacts['knobs']>;

function plan({ influence = 0.7, creativity = 0.5, ...facts }: Change = {}) {
  return planPainting({
    knobs: { influence, creativity },
    adjustments: { strokeScale: 1, influence: 0 },
    size: { width: 1000, height: 500 },
    handlesInfluence: true,
    passes: { default: 1, max: 3 },
    maxPixels: 1_000_000,
    ...facts,
  });
}

describe('planPainting', () => {
  it('at the defaults paints once, at full size, with nothing of the photograph', () => {
    assert.deepEqual(plan(), {
      influence: 0.7,
      keep: 0,
      mix: 1,
      passes: 1,
      workingSize: { width: 1000, height: 500 },
      boundByPixels: false,
    });
  });

  it('creativity below 0.5 keeps colours, and changes nothing else', () => {
    const keep = [0, 0.25, 0.5, 1].map((creativity) => plan({ creativity }).keep);
    assert.deepEqual(keep, [1, 0.5, 0, 0]);
    assert.deepEqual({ ...plan({ creativity: 0 }), keep: 0 }, plan());
  });

  it('creativity above 0.5 halves the working size and takes more passes', () => {
    const plans = [0.75, 1].map((creativity) => plan({ creativity }));
    assert.deepEqual(
      plans.map(({ passes, workingSize }) => [passes, workingSize.width, workingSize.height]),
      [
        [2, 750, 375],
        [3, 500, 250],
      ],
    );
  });

  it('weak influence takes fewer of the further passes', () => {
    const passes = [0, 0.35, 0.7, 1].map((influence) => plan({ influence, creativity: 1 }).passes);
    assert.deepEqual(passes, [1, 2, 3, 3]);
  });

  it('every number moves in small steps when a knob does', () => {
    const numbers = (change: Change) => {
      const { influence, keep, mix, passes, workingSize } = plan(change);
      return [influence, keep, mix, passes, workingSize.width / 1000];
    };
    for (const knob of ['influence', 'creativity'] as const) {
      for (let at = 0; at < 500; at += 1) {
        const before = numbers({ creativity: 0.8, [knob]: at / 500 });
        const behind = numbers({ creativity: 0.8, [knob]: (at + 1) / 500 });
        const steps = before.map((value, index) => Math.abs(value - (behind[index] ?? Number.NaN)));
        assert.ok(Math.max(...steps) < 0.07, `${knob} ${at / 500}: ${steps}`);
      }
    }
  });

  it('fades toward the photograph near influence 0, sooner where the picture is painted smaller', () => {
    const mixes = [0, 0.04, 0.1, 0.25, 1].map((influence) => plan({ influence }).mix);
    assert.deepEqual([mixes[0], mixes.slice(2)], [0, [1, 1, 1]]);
    const smaller = [0, 0.04, 0.1, 0.25, 1].map((influence) => plan({ influence, creativity: 1 }).mix);
    assert.deepEqual([smaller[0], smaller.slice(3)], [0, [1, 1]]);
    assert.ok(smaller.slice(1, 3).every((mix, index) => mix > 0 && mix < (mixes[index + 1] ?? 0)));
  });

  it('mixes by influence for a network that takes none', () => {
    const mixes = [0, 0.3, 1].map((influence) => plan({ influence, handlesInfluence: false }).mix);
    assert.deepEqual(mixes, [0, 0.3, 1]);
  });

  it('the prompt scales strokes within bounds', () => {
    const width = (strokeScale: number) =>
      plan({ adjustments: { strokeScale, influence: 0 } }).workingSize.width;
    assert.deepEqual([2.5, 2, 1, 0.8, 0.4].map(width), [400, 500, 1000, 1250, 1414]);
  });

  it('the prompt moves influence, but never away from 0 or out of 0..1', () => {
    for (const offset of [-0.5, 0.5]) {
      const adjustments = { strokeScale: 1, influence: offset };
      const moved = [0, 0.2, 0.4, 0.6, 0.8, 1].map((influence) => plan({ influence, adjustments }).influence);
      assert.equal(moved[0], 0);
      assert.deepEqual(moved.toSorted(), moved);
      assert.ok((moved.at(-1) ?? 2) <= 1);
      assert.ok(offset < 0 ? (moved[3] ?? 1) < 0.6 : (moved[3] ?? 0) > 0.6);
    }
  });

  it('the network never sees more than the pixel budget, and the plan says so', () => {
    const bound = plan({ maxPixels: 125_000 });
    assert.deepEqual([bound.workingSize, bound.boundByPixels], [{ width: 500, height: 250 }, true]);
    const strokesAskForLess = plan({ maxPixels: 125_000, creativity: 1 });
    assert.deepEqual([strokesAskForLess.workingSize.width, strokesAskForLess.boundByPixels], [500, false]);
    const finerStrokes = plan({ maxPixels: 500_000, adjustments: { strokeScale: 0.5, influence: 0 } });
    assert.deepEqual([finerStrokes.workingSize.width, finerStrokes.boundByPixels], [1000, false]);
  });

  it('tiny and thin pictures are not made smaller for the sake of strokes', () => {
    const sizes = [
      { width: 16, height: 16 },
      { width: 16, height: 800 },
    ];
    for (const size of sizes) assert.deepEqual(plan({ size, creativity: 1 }).workingSize, size);
  });
});
