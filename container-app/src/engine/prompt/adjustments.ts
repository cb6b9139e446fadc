// The adjustments that a prompt can ask for, their ranges, and how several of them combine.
// It owns the numbers' meaning; `apply-adjustments.ts` owns how pixels change.

/** Gains of the three colour channels; only their ratio counts, the brightness of grey is kept. */
export interface Tint {
  red: number;
  green: number;
  blue: number;
}

/** What to change about a picture. Every field has a neutral value that changes nothing. */
export interface Adjustments {
  /** Factor on the distance of a colour from its grey; 0 is black and white, 1 neutral. Range 0..3. */
  saturation: number;
  /** Factor on mid-grey; black and white stay where they are, so nothing clips. 1 neutral. Range 0.4..1.5. */
  brightness: number;
  /** Factor on the distance from mid-grey. 1 neutral. Range 0.3..2. */
  contrast: number;
  /** -1 as cold as it gets .. 0 neutral .. 1 as warm as it gets. */
  warmth: number;
  /** Gain of each colour channel. 1 neutral. Range 0.3..3 each. */
  tint: Tint;
  /** -1 blurred .. 0 neutral .. 1 crisp. */
  sharpness: number;
  /** 0 none (neutral) .. 1 very coarse film grain. */
  grain: number;
  /** Factor on the size of brush strokes, for the painter's choice of its working size. 1 neutral. Range 0.4..2.5. */
  strokeScale: number;
  /** Offset on the caller's `influence` knob, for the painter. 0 neutral. Range -0.5..0.5. */
  influence: number;
}

/** A change of some adjustments: factors for the factors, offsets for the rest. */
export type Effect = Partial<Adjustments>;

const factors = ['saturation', 'brightness', 'contrast', 'strokeScale'] as const;
const offsets = ['warmth', 'sharpness', 'grain', 'influence'] as const;

type Scalar = (typeof factors)[number] | (typeof offsets)[number];

/** The smallest and largest value of each number; `tint` holds for each of its channels. */
export const adjustmentRanges: Readonly<Record<Scalar | 'tint', readonly [number, number]>> = {
  saturation: [0, 3],
  brightness: [0.4, 1.5],
  contrast: [0.3, 2],
  warmth: [-1, 1],
  tint: [0.3, 3],
  sharpness: [-1, 1],
  grain: [0, 1],
  strokeScale: [0.4, 2.5],
  influence: [-0.5, 0.5],
};

/** A fresh set of adjustments that changes nothing. */
export function neutralAdjustments(): Adjustments {
  return {
    saturation: 1,
    brightness: 1,
    contrast: 1,
    warmth: 0,
    tint: { red: 1, green: 1, blue: 1 },
    sharpness: 0,
    grain: 0,
    strokeScale: 1,
    influence: 0,
  };
}

/**
 * `base` with `effect` on top, `strength` times: factors multiply (to the power of the strength), offsets add (times
 * the strength), and a negative strength is the opposite. Nothing is clamped here, so the order of effects is free.
 */
export function combine(base: Adjustments, effect: Effect, strength = 1): Adjustments {
  const combined = { ...base };
  for (const name of factors) {
    combined[name] *= power(effect[name] ?? 1, strength);
  }
  for (const name of offsets) {
    combined[name] += (effect[name] ?? 0) * strength;
  }
  if (effect.tint) {
    combined.tint = {
      red: base.tint.red * power(effect.tint.red, strength),
      green: base.tint.green * power(effect.tint.green, strength),
      blue: base.tint.blue * power(effect.tint.blue, strength),
    };
  }
  return combined;
}

/** Each number brought into its documented range. */
export function clampAdjustments(adjustments: Adjustments): Adjustments {
  const clamped = { ...adjustments };
  for (const name of [...factors, ...offsets]) {
    clamped[name] = clamp(adjustments[name], adjustmentRanges[name]);
  }
  clamped.tint = {
    red: clamp(adjustments.tint.red, adjustmentRanges.tint),
    green: clamp(adjustments.tint.green, adjustmentRanges.tint),
    blue: clamp(adjustments.tint.blue, adjustmentRanges.tint),
  };
  return clamped;
}

// Zero to any power is zero, which would make "slightly black and white" as grey as "black and white".
function power(factor: number, strength: number): number {
  return factor === 0 ? Math.max(0, 1 - strength) : factor ** strength;
}

function clamp(value: number, [smallest, largest]: readonly [number, number]): number {
  return Math.min(largest, Math.max(smallest, value));
}
