// One message, from receipt to its last word. The order of writes is result, record, message: a crash between any
// two of them leaves something that the next worker recognises.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  type Claim,
  contentTypes,
  type DeadLetterStore,
  fileExtensions,
  holds,
  type ImageStore,
  type Job,
  JobError,
  type JobResult,
  type JobStore,
  LeaseLost,
  type Logger,
  messageOf,
  type ProcessingJob,
  type ReceivedMessage,
  toJobError,
  traceIdOf,
  transition,
} from '@impasto/shared';
import { claimJob, jobIdOf } from './claim-job.ts';
import { recordBadMessage, recordFailedJob } from './dead-letters.ts';
import type { Engine } from './engine/engine.ts';
import type { Painting } from './engine/painter.ts';
import { holdLease, type Lease } from './lease.ts';
import { makeProgressReporter, type ProgressReporter } from './progress-reporter.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
  readonly engine: Engine;
  readonly leaseSeconds: number;
  readonly log: Logger;
}

export interface ProcessedJob {
  readonly outcome: 'completed' | 'failed' | 'retry' | 'handed_back' | 'superseded' | 'left' | 'dropped';
  /** Seconds from claim to commit, of a completed job. */
  readonly seconds?: number;
}

/** @param handBack aborts when a running job has to be given back because the worker must stop. */
export type ProcessMessage = (message: ReceivedMessage, handBack: AbortSignal) => Promise<ProcessedJob>;

/** A message whose record is not there yet may only be early; one that stays without a record this long is not. */
const recordMissingSeconds = 600;
const retryDelaySeconds = 5;

interface Attempt {
  readonly job: ProcessingJob;
  readonly claim: Claim;
  readonly lease: Lease;
  readonly progress: ProgressReporter;
  /** Aborts when the work has no more point: the claim is lost, or the worker must stop. */
  readonly signal: AbortSignal;
  readonly startedAt: number;
  readonly queueWaitMs: number;
  readonly log: Logger;
}

export function makeProcessMessage(deps: Dependencies): ProcessMessage {
  return async (message, handBack) => {
    const jobId = jobIdOf(message.text);
    if (jobId === undefined) return dropMessage(deps, message, 'bad_message');
    const claimed = await claimJob(deps.jobs, jobId, deps.leaseSeconds);
    switch (claimed.kind) {
      case 'no_record':
        return recordIsMissing(deps, message);
      case 'busy':
        await message.setVisibility(claimed.retryAfterSeconds);
        return { outcome: 'left' };
      case 'ended':
        await recordFailedJob(deps.deadLetters, claimed.job);
        await message.remove();
        return { outcome: claimed.job.status === 'failed' ? 'failed' : 'dropped' };
      case 'claimed':
        return await work(deps, beginAttempt(deps, message, claimed, handBack), handBack);
    }
  };
}

async function dropMessage(
  deps: Dependencies,
  message: ReceivedMessage,
  reason: 'bad_message' | 'record_missing',
): Promise<ProcessedJob> {
  deps.log.error('message.dropped', { reason, text: message.text.slice(0, 200) });
  await recordBadMessage(deps.deadLetters, reason, message.text);
  await message.remove();
  return { outcome: 'dropped' };
}

async function recordIsMissing(deps: Dependencies, message: ReceivedMessage): Promise<ProcessedJob> {
  if (message.ageSeconds > recordMissingSeconds) return dropMessage(deps, message, 'record_missing');
  await message.setVisibility(30);
  return { outcome: 'left' };
}

function beginAttempt(
  { jobs, leaseSeconds, log }: Dependencies,
  message: ReceivedMessage,
  { job, claim }: { job: ProcessingJob; claim: Claim },
  handBack: AbortSignal,
): Attempt {
  const bound = log.child({ jobId: job.jobId, attempt: job.attempt, traceId: traceIdOf(job.traceparent) });
  const heartbeat = async () => {
    const touch = (now: Job) =>
      holds(now, claim)
        ? transition(now, { type: 'progressed', claim, phase: now.phase, progress: now.progress })
        : now;
    return holds(await jobs.update(job.jobId, touch), claim);
  };
  const lease = holdLease(message, { leaseSeconds, heartbeat, log: bound });
  return {
    job,
    claim,
    lease,
    progress: makeProgressReporter(jobs, job.jobId, claim, bound),
    signal: AbortSignal.any([lease.lost, handBack]),
    startedAt: performance.now(),
    queueWaitMs: Math.round(message.ageSeconds * 1000),
    log: bound,
  };
}

async function work(deps: Dependencies, attempt: Attempt, handBack: AbortSignal): Promise<ProcessedJob> {
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
  if (!image) throw new JobError('input_missing', `expected an image at ${key}, found none`);
  return buffer(image.body);
}

async function commit(
  deps: Dependencies,
  attempt: Attempt,
  painting: Painting,
  stages: Stages,
): Promise<ProcessedJob> {
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
async function yieldToOther({ lease, log }: Attempt, reason: unknown): Promise<ProcessedJob> {
  log.warn('job.superseded', { reason: messageOf(reason) });
  await lease.release(0);
  return { outcome: 'superseded' };
}

async function giveBack({ jobs }: Dependencies, { job, claim, lease, log }: Attempt): Promise<ProcessedJob> {
  await jobs.update(job.jobId, (now) => transition(now, { type: 'handed_back', claim }));
  await lease.release(0);
  log.info('job.handed_back');
  return { outcome: 'handed_back' };
}

async function fail(deps: Dependencies, attempt: Attempt, error: JobError): Promise<ProcessedJob> {
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
