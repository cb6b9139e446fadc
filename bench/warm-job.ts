// The job through the warm service against the bare pipeline. The speed of a machine drifts, so the two run in turn and
// each pair has a ratio of its own.

import { setTimeout as delay } from 'node:timers/promises';
import { median, medianOfEach } from '../scripts/lib/statistics.ts';
import { startBare } from './bare.ts';
import type { BareAnswer } from './bare-process.ts';
import type { BenchOptions } from './options.ts';
import { contentAt, styleImage } from './pictures.ts';
import { type JobRun, makeJobRunner, startService } from './service.ts';

export interface WarmFigures {
  readonly longerSide: number;
  readonly width: number;
  readonly height: number;
  readonly runs: number;
  /** Medians, milliseconds. */
  readonly bareMs: number;
  readonly serviceMs: number;
  /** Of the fastest runs, which nothing else on the machine has slowed down. */
  readonly bareFastestMs: number;
  readonly serviceFastestMs: number;
  /** Median of the ratios of the pairs. */
  readonly ratio: number;
  readonly ratioRange: readonly [least: number, most: number];
  /** Medians by stage, milliseconds. */
  readonly bareStages: Readonly<Record<string, number>>;
  readonly serviceStages: Readonly<Record<string, number>>;
}

/** Small jobs, until the code of all processes is compiled; then pairs of each size. */
const firstJobs = 30;
const smallSide = 256;
const warmUps = 2;
/** A caller comes at any moment; at a fixed beat, a job would meet the worker's look into the queue always or never. */
const longestPauseMs = 500;

interface Pair {
  readonly bare: BareAnswer;
  readonly job: JobRun;
}

export async function measureWarmJobs(
  { sizes, runs }: BenchOptions,
  resources: AsyncDisposableStack,
  note: (line: string) => void,
): Promise<{ model: string; warm: WarmFigures[] }> {
  const style = await styleImage();
  const bare = await startBare(resources);
  const service = await startService({ COOLDOWN_SECONDS: '3600' }, resources);
  const figures: WarmFigures[] = [];
  note(`warm job: ${firstJobs} small jobs to warm up`);
  const small = { content: await contentAt(smallSide), style, maxSide: smallSide };
  await repeat(firstJobs, makeJobRunner(service.client, small));
  for (const maxSide of sizes) {
    note(`warm job, ${maxSide} px: ${warmUps} pairs to warm up, ${runs} to measure`);
    const content = await contentAt(maxSide);
    const runOne = makeJobRunner(service.client, { content, style, maxSide });
    const runPair = async (): Promise<Pair> => {
      const alone = await bare.paint(content, style, maxSide);
      await delay(Math.random() * longestPauseMs);
      return { bare: alone, job: await runOne() };
    };
    await repeat(warmUps, runPair);
    figures.push(summary(maxSide, await repeat(runs, runPair)));
  }
  await Promise.all([bare.stop(), service.stop()]);
  return { model: bare.model, warm: figures };
}

async function repeat<T>(times: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < times; index += 1) results.push(await run());
  return results;
}

function summary(longerSide: number, pairs: readonly Pair[]): WarmFigures {
  const ratios = pairs.map(({ bare, job }) => job.ms / bare.ms);
  return {
    longerSide,
    width: pairs[0]?.job.width ?? 0,
    height: pairs[0]?.job.height ?? 0,
    runs: pairs.length,
    bareMs: median(pairs.map(({ bare }) => bare.ms)),
    serviceMs: median(pairs.map(({ job }) => job.ms)),
    bareFastestMs: Math.min(...pairs.map(({ bare }) => bare.ms)),
    serviceFastestMs: Math.min(...pairs.map(({ job }) => job.ms)),
    ratio: median(ratios),
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
    bareStages: medianOfEach(pairs.map(({ bare }) => bare.stages)),
    serviceStages: medianOfEach(pairs.map(({ job }) => job.stages)),
  };
}
