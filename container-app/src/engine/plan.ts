// What the three knobs mean for one painting, as plain numbers. Pure: pictures are painter.ts's.
import type { JobParameters } from '@impasto/shared';
import type { Adjustments } from './prompt/adjustments.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface PlanFacts {
  readonly knobs: Pick<JobParameters, 'influence' | 'creativity'>;
  /** What the prompt asks for beside the knobs. */
  readonly adjustments: Pick<Adjustments, 'strokeScale' | 'influence'>;
  /** Size of the result. */
  readonly size: Size;
  /** Whether the network takes influence; if not, the painting is mixed with the photograph. */
  readonly handlesInfluence: boolean;
  readonly passes: { readonly default: number; readonly max: number };
  /** Most pixels that the network may paint at once. */
  readonly maxPixels: number;
}

export interface Plan {
  /** Influence to give to the network, 0..1. 0 means the photograph itself. */
  readonly influence: number;
  /** How much of the photograph's colour is kept, 0..1. */
  readonly keep: number;
  /** How much of the painting there is, 0..1; the rest is the photograph. */
  readonly mix: number;
  /** How often the network paints, from 1; a fraction is a last pass that counts by so much. */
  readonly passes: number;
  /** Size at which the network paints; strokes are larger where it is smaller than the result. */
  readonly workingSize: Size;
  /** Whether `maxPixels` made the working size smaller, and smaller than the result. */
  readonly boundByPixels: boolean;
}

/** At creativity 1 strokes are this much larger. */
const largestStrokeFactor = 2;
/** Beyond these the painting turns to mush, or the strokes can no longer be seen. */
const workingScaleRange = { min: 0.3, max: 1.5 };
/** Strokes do not make the shorter side that the network sees smaller than this. */
const minWorkingSidePixels = 64;
/** Where the picture keeps its size the painting fades in over so much influence, for networks that jump at 0. */
const shortFade = 0.05;
/** Where it is painted smaller it loses detail, which must not go all at once: the fade is as long as this. */
const longFade = 0.25;

/** Influence from which on creativity 1 takes every pass: many weak passes only wear the picture out. */
const allPassesInfluence = 0.7;

/** Reads the knobs as the design defines them; every number of the plan is continuous in every knob. */
export function planPainting(facts: PlanFacts): Plan {
  const { creativity } = facts.knobs;
  const influence = promptedInfluence(facts.knobs.influence, facts.adjustments.influence);
  const growth = Math.max(0, (creativity - 0.5) / 0.5);
  const { passes } = facts;
  const wanted = strokeScale(growth, facts);
  const scale = Math.min(wanted, pixelScale(facts));
  return {
    influence,
    keep: Math.max(0, (0.5 - creativity) / 0.5),
    mix: facts.handlesInfluence ? fade(influence, scale) : influence,
    passes:
      passes.default + growth * Math.min(1, influence / allPassesInfluence) * (passes.max - passes.default),
    workingSize: scaled(facts.size, scale),
    boundByPixels: scale < Math.min(1, wanted),
  };
}

/** The prompt moves influence within 0..1, never away from 0, and never so that more of the knob is less. */
function promptedInfluence(influence: number, offset: number): number {
  if (offset <= 0) return influence * (1 + offset);
  return influence + offset * (1 - influence) * smoothstep(influence / longFade);
}

/** Working size divided by the result's, as strokes ask for it. */
function strokeScale(growth: number, { adjustments, size }: PlanFacts): number {
  const grown = 1 - growth * (1 - 1 / largestStrokeFactor);
  const scale = clamp(grown / adjustments.strokeScale, workingScaleRange.min, workingScaleRange.max);
  const smallest = Math.min(1, minWorkingSidePixels / Math.min(size.width, size.height));
  return Math.max(scale, smallest);
}

function pixelScale({ size, maxPixels }: PlanFacts): number {
  return Math.sqrt(maxPixels / (size.width * size.height));
}

function fade(influence: number, scale: number): number {
  const lostDetail = clamp(4 * (1 - scale), 0, 1);
  return smoothstep(influence / (shortFade + lostDetail * (longFade - shortFade)));
}

function scaled({ width, height }: Size, scale: number): Size {
  if (scale === 1) return { width, height };
  return {
    width: Math.max(1, Math.floor(width * scale)),
    height: Math.max(1, Math.floor(height * scale)),
  };
}

/** 0 below 0, 1 above 1, 3x^2 - 2x^3 between. */
function smoothstep(value: number): number {
  const x = clamp(value, 0, 1);
  return x * x * (3 - 2 * x);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
