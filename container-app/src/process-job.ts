// One job from record to result. The order of writes is result, record, message: a crash between any two of them
// leaves something that the next worker recognises.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  contentTypes,
  type DeadLetterStore,
  fileExtensions,
  type ImageStore,
  JobError,
  type JobResult,
  type JobStore,
  LeaseLost,
  messageOf,
  toJobError,
  transition,
} from '@impasto/shared';
import type { Attempt } from './attempt.ts';
import { recordFailedJob } from './dead-letters.ts';
import type { Engine } from './engine/engine.ts';
import type { Painting } from './engine/painter.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
  readonly engine: Engine;
}

export interface JobOutcome {
  readonly outcome: 'completed' | 'failed' | 'retry' | 'handed_back' | 'superseded';
  /** Seconds from claim to commit, of a completed job. */
  readonly seconds?: number;
}

const retryDelaySeconds = 5;

/** @param handBack aborts when the job has to be given back because the worker must stop. */
export async function processJob(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
): Promise<JobOutcome> {
  attempt.log.info('job.started');
  try {
    const { painting, stages } = await paint(deps, attempt);
    return await commit(deps, attempt, painting, stages);
  } catch (error) {
    await attempt.progress.stop();
    if (attempt.lease.lost.aborted) return await yieldToOther(attempt, error);
    if (handBack.aborted) return await giveBack(deps, attempt);
    return await fail(deps, attempt, toJobError(error));
  } finally {
    await attempt.lease.stop();
  }
}

type Stages = Record<string, number>;

async function paint(
  { images, engine }: Dependencies,
  attempt: Attempt,
): Promise<{ painting: Painting; stages: Stages }> {
  const { inputs, parameters } = attempt.job;
  const fetchStarted = performance.now();
  const [content, style] = await Promise.all([
    fetchInput(images, inputs.content, attempt.signal),
    fetchInput(images, inputs.style, attempt.signal),
  ]);
  const fetchMs = performance.now() - fetchStarted;
  const options = { signal: attempt.signal, onProgress: attempt.progress.report };
  const painting = await engine.paint({ content, style, parameters }, options);
  return { painting, stages: { queue: attempt.queueWaitMs, fetch: fetchMs, ...stagesOf(painting) } };
}

function stagesOf({ timings }: Painting): Stages {
  const { decodeMs, styleCodeMs, stylizeMs, finishMs, encodeMs } = timings;
  return {
    decode: decodeMs,
    style_code: styleCodeMs,
    stylize: stylizeMs,
    finish: finishMs,
    encode: encodeMs,
  };
}

async function fetchInput(images: ImageStore, key: string, signal: AbortSignal): Promise<Buffer> {
  const image = await images.get(key, { signal });
  if (!image) throw new JobError('input_missing', `Expected an image at ${key}, found none`);
  return buffer(image.body);
}

async function commit(
  deps: Dependencies,
  attempt: Attempt,
  painting: Painting,
  stages: Stages,
): Promise<JobOutcome> {
  const { job, claim, log } = attempt;
  const key = `results/${job.jobId}/${claim.attempt}-${claim.owner}.${fileExtensions[painting.format]}`;
  attempt.progress.report('storing', 0.95);
  const storeStarted = performance.now();
  await deps.images.put(key, painting.image, contentTypes[painting.format], { signal: attempt.signal });
  await attempt.progress.stop();
  const timings = rounded({ ...stages, store: performance.now() - storeStarted });
  const result = resultOf(painting, key, timings, attempt);
  const at = new Date().toISOString();
  const after = await deps.jobs.update(job.jobId, (now) =>
    transition(now, { type: 'completed', claim, result, at }),
  );
  if (!(after.status === 'completed' && after.result.key === key)) {
    await deps.images.delete(key);
    return await yieldToOther(attempt, new LeaseLost(`the job is ${after.status} by another hand`));
  }
  await attempt.lease.acknowledge();
  log.info('job.completed', { seconds: result.processingSeconds, timings });
  return { outcome: 'completed', seconds: result.processingSeconds };
}

function resultOf(painting: Painting, key: string, timings: Stages, attempt: Attempt): JobResult {
  const { image, width, height, format, model, executionProvider, prompt, ignoredParameters, paintedAt } =
    painting;
  return {
    key,
    width,
    height,
    format,
    bytes: image.byteLength,
    sha256: createHash('sha256').update(image).digest('hex'),
    processingSeconds: Math.round(performance.now() - attempt.startedAt) / 1000,
    model,
    executionProvider,
    timings,
    prompt: { applied: [...prompt.applied], ignored: [...prompt.ignored] },
    ignoredParameters: [...ignoredParameters],
    ...(paintedAt && { paintedAt }),
  };
}

/** Another worker has the job, or it was ended from outside: nothing is written. Whoever receives the message sees. */
async function yieldToOther({ lease, log }: Attempt, reason: unknown): Promise<JobOutcome> {
  log.warn('job.superseded', { reason: messageOf(reason) });
  await lease.release(0);
  return { outcome: 'superseded' };
}

async function giveBack({ jobs }: Dependencies, { job, claim, lease, log }: Attempt): Promise<JobOutcome> {
  await jobs.update(job.jobId, (now) => transition(now, { type: 'handed_back', claim }));
  await lease.release(0);
  log.info('job.handed_back');
  return { outcome: 'handed_back' };
}

async function fail(deps: Dependencies, attempt: Attempt, error: JobError): Promise<JobOutcome> {
  const { job, claim, lease, log } = attempt;
  const { code, message, retryable } = error;
  const failed = {
    type: 'attempt_failed',
    claim,
    error: { code, message, retryable },
    at: new Date().toISOString(),
  } as const;
  const after = await deps.jobs.update(job.jobId, (now) => transition(now, failed));
  log.error('job.attempt_failed', { error, status: after.status });
  if (after.status === 'queued') {
    await lease.release(retryDelaySeconds);
    return { outcome: 'retry' };
  }
  await recordFailedJob(deps.deadLetters, after);
  await lease.acknowledge();
  return { outcome: 'failed' };
}

function rounded(stages: Stages): Stages {
  return Object.fromEntries(Object.entries(stages).map(([stage, ms]) => [stage, Math.round(ms)]));
}
