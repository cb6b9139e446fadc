// What the bench aims at, and whether its figures can be believed.
import type { ColdFigures } from './cold-start.ts';
import type { FunctionStartFigures } from './function-start.ts';
import type { WarmFigures } from './warm-job.ts';

export interface Aim {
  readonly aim: string;
  readonly limit: number;
  readonly measured: number;
  readonly met: boolean;
}

/** How much slower than the fastest the median of the bare runs may be; on an idle machine it is 1.05 to 1.2. */
const steadyLimit = 1.3;

/** The bare runs tell, since nothing of ours disturbs them. */
export function isSteady(warm: readonly Pick<WarmFigures, 'bareMs' | 'bareFastestMs'>[]): boolean {
  return warm.every(({ bareMs, bareFastestMs }) => bareMs <= steadyLimit * bareFastestMs);
}

const ratioLimit = 1.25;
const ratioSide = 1024;
const coldLimitSeconds = 3;
const functionStartLimitSeconds = 0.7;

/** What was aimed at, of that which was measured. */
export function aimsOf(
  warm: readonly WarmFigures[],
  cold: ColdFigures,
  { bundle }: Pick<FunctionStartFigures, 'bundle'>,
): Aim[] {
  const ratio = warm.find(({ longerSide }) => longerSide === ratioSide)?.ratio;
  const aim = (name: string, limit: number, measured: number) => ({
    aim: name,
    limit,
    measured,
    met: measured <= limit,
  });
  return [
    ...(ratio === undefined ? [] : [aim(`warm job / bare pipeline at ${ratioSide} px`, ratioLimit, ratio)]),
    aim('worker from spawn to first result, s', coldLimitSeconds, cold.workerSeconds),
    aim('Functions host from spawn to first answer, s', functionStartLimitSeconds, bundle.healthMs / 1000),
  ];
}
