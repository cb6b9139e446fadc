// How long the parts of a job and of a cold start take, from the input file, and what that makes for a size.
import { z } from 'zod';
import type { Span } from './simulation/distributions.ts';

const seconds = z.number().min(0);
const span = z
  .strictObject({ low: seconds, usual: seconds, high: seconds })
  .refine(({ low, usual, high }) => low <= usual && usual <= high, 'Expected low <= usual <= high');
const why = z.string().min(1);

const stageNames = ['fetch', 'decode', 'stylize', 'encode', 'store', 'record'] as const;

const profile = z.strictObject({
  replica: z.strictObject({
    gpu: z.enum(['none', 't4', 'a100']),
    vcpu: z.number().positive(),
    memoryGib: z.number().positive(),
  }),
  measured: z.boolean(),
  why,
  /** By the longer side of the picture in pixels. */
  stages: z
    .record(
      z.string().regex(/^\d+$/),
      z.strictObject(Object.fromEntries(stageNames.map((name) => [name, seconds]))),
    )
    .refine((stages) => Object.keys(stages).length > 0, 'Expected at least one size'),
  /** How far times of jobs go apart: sigma of a log-normal. */
  spread: z.number().min(0).max(2),
  coldStart: z.strictObject({
    measured: z.boolean(),
    why,
    parts: z.strictObject({ allocate: span, pull: span, load: span }),
  }),
});

export const profileNames = ['cpu', 't4', 'a100'] as const;
export type ProfileName = (typeof profileNames)[number];

export const stageTimesSchema = z.strictObject({
  title: z.string(),
  date: z.iso.date(),
  /** From a request until its message is in the queue. */
  door: z.strictObject({ seconds, measured: z.boolean(), why }),
  removal: z.strictObject({ seconds: span, measured: z.boolean(), why }),
  profiles: z.strictObject({ cpu: profile, t4: profile, a100: profile }),
});

export type StageTimes = z.infer<typeof stageTimesSchema>;
export type Profile = StageTimes['profiles'][ProfileName];

export const stageTimesFile = new URL('./stage-times.json', import.meta.url);

/**
 * Seconds of a worker's time for a usual job: between two sizes of the file in proportion to the pixels, above them as per
 * pixel of the largest, below them those of the smallest, since a call of the storage takes its time however small.
 * @param side longer side in pixels.
 */
export function jobSecondsOf({ stages }: Pick<Profile, 'stages'>, side: number): number {
  const known = Object.entries(stages)
    .map(([size, parts]) => ({
      pixels: Number(size) ** 2,
      seconds: Object.values(parts).reduce((sum, part) => sum + part, 0),
    }))
    .sort((a, b) => a.pixels - b.pixels);
  const pixels = side ** 2;
  const above = known.find((one) => one.pixels >= pixels);
  const below = known.findLast((one) => one.pixels <= pixels);
  if (above && below) {
    const share = above === below ? 0 : (pixels - below.pixels) / (above.pixels - below.pixels);
    return below.seconds + share * (above.seconds - below.seconds);
  }
  const { pixels: most, seconds } = above ?? below ?? { pixels: 1, seconds: 0 };
  return seconds * Math.max(1, pixels / most);
}

/** The sizes of the file that the time of another is worked out from: one or two; none where it is in the file. */
export function sizesAround({ stages }: Pick<Profile, 'stages'>, side: number): readonly number[] {
  const known = Object.keys(stages).map(Number);
  if (known.includes(side)) return [];
  const below = known.filter((size) => size < side);
  const above = known.filter((size) => size > side);
  return [
    ...(below.length > 0 ? [Math.max(...below)] : []),
    ...(above.length > 0 ? [Math.min(...above)] : []),
  ];
}

export function coldStartParts({ coldStart: { parts } }: Profile): readonly Span[] {
  return [parts.allocate, parts.pull, parts.load];
}
