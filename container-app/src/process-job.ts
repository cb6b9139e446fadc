// One job from record to result. The order of writes is result, record, message: a crash between any two of them
// leaves something that the next worker recognises.
import {
  contentTypes,
  type DeadLetterStore,
  type ImageStore,
  type Job,
  JobError,
  type JobResult,
  type JobStore,
  LeaseLost,
  readImage,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { addStages, inSpan, type Span } from '@impasto/shared/telemetry';
import type { Attempt } from './attempt.ts';
import type { Engine } from './engine/engine.ts';
import type { FinishedPainting } from './engine/protocol.ts';
import { stagesOf } from './engine/stages.ts';
import { patiently } from './patiently.ts';
import { type FailedOutcome, settleFailure } from './settle-failure.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
  readonly engine: Engine;
  readonly patienceSeconds: number;
}

export interface JobOutcome {
  readonly outcome: 'completed' | FailedOutcome;
  /** Seconds from claim to commit, of a completed job. */
  readonly seconds?: number;
  /** The job as this attempt has ended it. */
  readonly ended?: Job;
}

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
    attempt.watch.stop();
    await attempt.progress.stop();
    return await settleFailure(deps, attempt, handBack, error);
  } finally {
    await attempt.lease.stop();
  }
}

type Stages = Record<string, number>;

async function paint(
  deps: Dependencies,
  attempt: Attempt,
): Promise<{ painting: FinishedPainting; stages: Stages }> {
  const { parameters } = attempt.job;
  const fetchStarted = performance.now();
  const [content, style] = await inSpan('fetch', {}, () => fetchBoth(deps, attempt));
  const fetchMs = performance.now() - fetchStarted;
  const { signal, atOnce } = attempt;
  const options = { signal: atOnce, stop: signal, onProgress: attempt.progress.report };
  const painting = await inSpan('paint', {}, (span) =>
    paintInStages(span, deps.engine.paint({ content, style, parameters }, options)),
  );
  signal.throwIfAborted();
  return { painting, stages: { queue: attempt.queueWaitMs, fetch: fetchMs, ...stagesOf(painting) } };
}

/** The process that paints has no spans of its own: it tells how long each stage took, and they follow each other. */
async function paintInStages(span: Span, painting: Promise<FinishedPainting>): Promise<FinishedPainting> {
  const startedAt = Date.now();
  const finished = await painting;
  const { model, executionProvider, width, height } = finished;
  span.setAttributes({
    'impasto.model': model,
    'impasto.execution_provider': executionProvider,
    'impasto.picture.width': width,
    'impasto.picture.height': height,
  });
  addStages(
    startedAt,
    Object.entries(stagesOf(finished)).map(([name, ms]) => ({ name, ms })),
  );
  return finished;
}

/** When one of them cannot be had, the other is given up, too. */
async function fetchBoth(
  { images, patienceSeconds }: Dependencies,
  { job, signal }: Attempt,
): Promise<[Buffer, Buffer]> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const fetch = (key: string) => patiently(patienceSeconds, either, () => fetchInput(images, key, either));
  try {
    return await Promise.all([fetch(job.inputs.content), fetch(job.inputs.style)]);
  } finally {
    over.abort();
  }
}

async function fetchInput(images: ImageStore, key: string, signal: AbortSignal): Promise<Buffer> {
  const image = await readImage(images, key, { signal });
  if (!image) throw new JobError('input_missing', `Expected an image at ${key}, found none`);
  return image;
}

async function commit(
  deps: Dependencies,
  attempt: Attempt,
  painting: FinishedPainting,
  stages: Stages,
): Promise<JobOutcome> {
  const { job, claim, resultKey, signal, log } = attempt;
  const { jobs, patienceSeconds } = deps;
  attempt.progress.report('storing', 0.95);
  const storeStarted = performance.now();
  await inSpan('store', {}, () => store(deps, attempt, painting));
  await attempt.progress.stop();
  attempt.watch.ended.throwIfAborted();
  // What the record says from now on, this worker may have written itself.
  attempt.watch.stop();
  const timings = rounded({ ...stages, store: performance.now() - storeStarted });
  const result = resultOf(painting, timings, attempt);
  const completed = { type: 'completed', claim, result, at: new Date().toISOString() } as const;
  const after = await inSpan('commit', {}, () =>
    patiently(patienceSeconds, signal, () => jobs.update(job.jobId, (now) => transition(now, completed))),
  );
  if (!(after.status === 'completed' && after.result.key === resultKey)) {
    throw new LeaseLost(`The job is ${after.status} by another hand`);
  }
  await attempt.lease.acknowledge();
  log.info('job.completed', { seconds: result.processingSeconds, timings });
  return { outcome: 'completed', seconds: result.processingSeconds, ended: after };
}

/**
 * Stores both pictures; where one cannot be stored the other is not tried again. A write that is under way ends before
 * anything else is done, even when the job is to be canceled: one that arrived later would be left behind.
 */
async function store(
  { images, patienceSeconds }: Dependencies,
  { resultKey, signal, atOnce }: Attempt,
  { image, md5, format, thumbnail }: FinishedPainting,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const put = (key: string, bytes: Uint8Array, type: string, digest: Uint8Array) =>
    patiently(patienceSeconds, either, () =>
      images.put(key, bytes, type, { signal: atOnce, md5: digest }),
    ).catch((error) => {
      over.abort();
      throw error;
    });
  const stored = await Promise.allSettled([
    put(resultKey, image, contentTypes[format], md5),
    put(thumbnailKeyOf(resultKey), thumbnail.image, contentTypes.webp, thumbnail.md5),
  ]);
  for (const one of stored) if (one.status === 'rejected') throw one.reason;
}

function resultOf(painting: FinishedPainting, timings: Stages, attempt: Attempt): JobResult {
  const { image, width, height, format, sha256, model, executionProvider } = painting;
  const { prompt, ignoredParameters, paintedAt, thumbnail } = painting;
  return {
    key: attempt.resultKey,
    width,
    height,
    format,
    bytes: image.byteLength,
    sha256,
    processingSeconds: Math.round(performance.now() - attempt.startedAt) / 1000,
    model,
    executionProvider,
    timings,
    prompt,
    ignoredParameters,
    ...(paintedAt && { paintedAt }),
    thumbnail: { width: thumbnail.width, height: thumbnail.height, bytes: thumbnail.image.byteLength },
  };
}

function rounded(stages: Stages): Stages {
  return Object.fromEntries(Object.entries(stages).map(([stage, ms]) => [stage, Math.round(ms)]));
}
