// How long calls took, as measures.
import { percentile } from '../scripts/lib/statistics.ts';
import type { Answer } from './calls.ts';

/** Milliseconds that this share (0..1) of the answered calls did not exceed; NaN without any. */
export function latencyMs(answers: readonly Answer[], share: number): number {
  const times = answers.flatMap(({ status, ms }) => (status === undefined ? [] : [ms]));
  return times.length === 0 ? Number.NaN : percentile(times, share);
}

/** How many were not answered with one of these. */
export function otherThan(expected: readonly number[], answers: readonly Pick<Answer, 'status'>[]): number {
  return answers.filter(({ status }) => status === undefined || !expected.includes(status)).length;
}
