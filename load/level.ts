// What a level is, and what it finds.
import type { Random } from '../scripts/lib/random.ts';
import type { Measure } from './measure.ts';

interface LevelRun {
  /** What numbers of jobs and seconds are multiplied by. */
  readonly scale: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Everything that is started registers how it is ended. */
  readonly resources: AsyncDisposableStack;
}

export interface Findings {
  /** What was done, in a few words with its numbers. */
  readonly load: string;
  readonly measures: readonly Measure[];
  /** What a reader has to know about broken promises, a sentence each. */
  readonly remarks: readonly string[];
}

export type Level = (run: LevelRun) => Promise<Findings>;

/** Whole numbers of jobs and the like, at this scale. */
export function scaled(number: number, scale: number, least: number): number {
  return Math.max(least, Math.round(number * scale));
}
