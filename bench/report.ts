// What the bench found, as one object for programs and as text for people.

import { formatTable } from '../scripts/lib/table.ts';
import type { Aim } from './aims.ts';
import type { ColdFigures } from './cold-start.ts';
import type { FunctionStartFigures } from './function-start.ts';
import type { MachineFacts } from './machine.ts';
import type { MemoryFigures } from './memory.ts';
import { pollEveryMs } from './service.ts';
import type { SubmitFigures } from './submit-latency.ts';
import type { WarmFigures } from './warm-job.ts';

export interface BenchReport {
  readonly at: string;
  readonly machine: MachineFacts;
  readonly executionProviders: readonly string[];
  readonly model: string;
  readonly warm: readonly WarmFigures[];
  readonly cold: ColdFigures;
  readonly functionStart: FunctionStartFigures;
  readonly submit: SubmitFigures;
  readonly memory: readonly MemoryFigures[];
  /** Whether the machine kept its speed: if not, other programs took part in the figures. */
  readonly steady: boolean;
  readonly aims: readonly Aim[];
}

export function formatReport(report: BenchReport): string {
  return [
    machineText(report),
    warmText(report.warm),
    stagesText(report.warm),
    coldText(report.cold),
    functionStartText(report.functionStart),
    submitText(report.submit),
    memoryText(report.memory),
    aimsText(report.aims),
  ].join('\n\n');
}

function machineText({ machine, executionProviders, model, steady }: BenchReport): string {
  const { cores, cpu, memoryMiB, platform, node, onnxruntime, sharp, loadAverage, quiet } = machine;
  const load = `load average ${loadAverage} at the start`;
  const noise = steady
    ? 'its speed was steady'
    : 'its speed was NOT steady: other programs took part in these figures, measure again';
  return [
    `${cores} cores of ${cpu}, ${(memoryMiB / 1024).toFixed(1)} GiB, ${platform}`,
    `Node ${node}, onnxruntime ${onnxruntime} on ${executionProviders.join(', ')}, sharp ${sharp}, model ${model}`,
    `The machine was ${quiet ? 'quiet' : 'NOT quiet'} (${load}), and ${noise}.`,
  ].join('\n');
}

function warmText(warm: readonly WarmFigures[]): string {
  const rows = warm.map((figures) => [
    `${figures.longerSide} px`,
    `${figures.width} x ${figures.height}`,
    whole(figures.bareMs),
    whole(figures.bareFastestMs),
    whole(figures.serviceMs),
    whole(figures.serviceFastestMs),
    figures.ratio.toFixed(2),
    figures.ratioRange.map((bound) => bound.toFixed(2)).join(' - '),
  ]);
  const header = ['size', 'picture', 'bare', 'fastest', 'service', 'fastest', 'ratio', 'of the pairs'];
  return [
    `Warm job, milliseconds, median of ${warm[0]?.runs ?? 0} pairs`,
    formatTable(header, rows),
    'bare: decode, stylise, encode in one process. service: HTTP submit to the last byte of the result. The two run in',
    'turn, never together; both know the style already (its code is cached). ratio: median of the ratios of the pairs.',
    'A job comes at a random moment, up to half a second after the bare run. Its status is polled every',
    `${pollEveryMs} ms once it may be done, so that the pace of polling is not measured.`,
  ].join('\n');
}

/** Where the time of a job goes, beside that of the bare pipeline. */
function stagesText(warm: readonly WarmFigures[]): string {
  const stages = [...new Set(warm.flatMap(({ serviceStages }) => Object.keys(serviceStages)))];
  const rows = warm.flatMap(({ longerSide, bareMs, bareStages, serviceMs, serviceStages }) => [
    stageRow(`${longerSide} px bare`, stages, bareStages, bareMs),
    stageRow(`${longerSide} px service`, stages, serviceStages, serviceMs),
  ]);
  return [
    'Stages of a warm job, milliseconds, medians',
    formatTable(['', ...stages, 'whole'], rows),
    'pickup: from the 202 until a worker claims the job (the pause of its look into the queue). record: pipes between',
    'the processes of the worker, and writes to the record. notice: until the caller knows (last write, last poll).',
  ].join('\n');
}

function stageRow(
  name: string,
  stages: readonly string[],
  ms: Readonly<Record<string, number>>,
  wholeMs: number,
): string[] {
  const cells = stages.map((stage) => (ms[stage] === undefined ? '-' : whole(ms[stage])));
  return [name, ...cells, whole(wholeMs)];
}

function coldText({ longerSide, stackSeconds, stackRuns, ...worker }: ColdFigures): string {
  const rows = [
    ['stack: submit with no worker to result', stackSeconds.toFixed(2), seconds(stackRuns)],
    ['worker: spawn to first result', worker.workerSeconds.toFixed(2), seconds(worker.workerRuns)],
  ];
  const steps = Object.entries(worker.workerSteps).map(([step, ms]) => `${step} ${whole(ms)}`);
  return [
    `Cold start, seconds, ${longerSide} px`,
    formatTable(['', 'median', 'runs'], rows),
    `Milliseconds from the spawn of the worker: ${steps.join(', ')}.`,
  ].join('\n');
}

function functionStartText(figures: FunctionStartFigures): string {
  const { bundle, sources, ratio, bundleRuns, bundleBytes, zipBytes } = figures;
  const row = (name: string, { readyMs, healthMs, jobMs }: FunctionStartFigures['bundle']) => [
    name,
    ...[readyMs, healthMs, jobMs].map(whole),
  ];
  return [
    `Cold start of the Function app, milliseconds from the spawn of its host, median of ${bundleRuns.length} pairs`,
    formatTable(['', 'ready', 'health', 'job'], [row('bundle', bundle), row('sources', sources)]),
    `Bundle to sources ${ratio.toFixed(2)}, to the first answer; runs of the bundle: ${bundleRuns.map(whole).join(' ')}.`,
    `Bundle ${mebibytes(bundleBytes)} MiB, package ${mebibytes(zipBytes)} MiB. The host of this machine is part of each figure.`,
  ].join('\n');
}

function submitText({ submissions, imageBytes, p50Ms, p99Ms }: SubmitFigures): string {
  const size = `${Math.round(imageBytes / 1024)} KiB of images each`;
  return `Submit latency, ${submissions} submissions of ${size}: p50 ${whole(p50Ms)} ms, p99 ${whole(p99Ms)} ms`;
}

function memoryText(memory: readonly MemoryFigures[]): string {
  if (memory.length === 0) return 'Peak memory of the engine process: measured on Linux only';
  const rows = memory.map((figures) => [
    `${figures.width} x ${figures.height}`,
    (figures.paintedPixels / 1e6).toFixed(2),
    mebibytes(figures.startedBytes),
    mebibytes(figures.peakBytes),
    whole(figures.peakBytesPerPixel),
    whole(figures.addedBytesPerPixel),
  ]);
  const header = ['picture', 'painted, MP', 'started, MiB', 'peak, MiB', 'peak B/px', 'added B/px'];
  return [
    'Peak memory of the engine process, a fresh one for each size',
    formatTable(header, rows),
    'B/px: bytes for each pixel that the network painted, of the whole peak and of what the picture added.',
  ].join('\n');
}

function aimsText(aims: readonly Aim[]): string {
  const rows = aims.map(({ aim, limit, measured, met }) => [
    aim,
    `${limit}`,
    measured.toFixed(2),
    met ? 'met' : 'MISSED',
  ]);
  return formatTable(['aim', 'at most', 'measured', ''], rows);
}

function whole(number: number): string {
  return Math.round(number).toString();
}

function seconds(runs: readonly number[]): string {
  return runs.map((run) => run.toFixed(2)).join(' ');
}

function mebibytes(bytes: number): string {
  return whole(bytes / 1024 ** 2);
}
