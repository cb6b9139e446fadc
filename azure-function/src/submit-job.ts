// POST /api/style-transfer: takes a job in. The order of the writes is the promise: images, record, message, 202.
// A crash in between leaves no job that somebody was told of and that nobody will ever do.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import {
  contentTypes,
  deadlineIn,
  type ImageStore,
  type Job,
  JobError,
  type JobQueue,
  type JobStore,
  messageFor,
  newJob,
  type SubmissionReceipt,
  transition,
  type WorkerDirectory,
} from '@impasto/shared';
import { v4 as uuidv4 } from 'uuid';
import { makeAdmission, type Surroundings } from './admission.ts';
import { estimateWait, inWords, isCold, type WaitEstimate } from './estimate-wait.ts';
import { linksOf } from './job-links.ts';
import { assertBodySize, assertJson } from './json-body.ts';
import { makeLargeBodyQueue, readBody } from './large-bodies.ts';
import type { Handler, RequestContext } from './respond.ts';
import { parseSubmission, type Submission } from './submission-form.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly workers: WorkerDirectory;
  readonly models: readonly string[];
  readonly maxReplicas: number;
  /** Messages in the queue at which no more jobs are taken. */
  readonly maxQueued: number;
  /** How long the job may wait for a worker before it ends as expired. */
  readonly expiryHours: number;
  readonly assumedColdStart: WaitEstimate;
}

interface Outlook extends WaitEstimate {
  readonly cold: boolean;
}

export function makeSubmitJob(deps: Dependencies): Handler {
  const admit = makeAdmission(deps);
  const inTurn = makeLargeBodyQueue();
  return async (request, context) => {
    assertJson(request);
    const announced = request.headers.get('content-length');
    assertBodySize(Number(announced ?? 0));
    return admit((found) => inTurn(announced, () => takeIn(deps, found, request, context)));
  };
}

async function takeIn(
  deps: Dependencies,
  found: Surroundings,
  request: HttpRequest,
  context: RequestContext,
): Promise<HttpResponseInit> {
  const submission = await parseSubmission(await readBody(request), deps.models);
  const outlook = { cold: isCold(found.workers), ...estimateWait({ ...deps, ...found }) };
  const job = jobOf(submission, context, deps.expiryHours, outlook.cold);
  await accept(deps, job, submission, context);
  context.log.info('job.accepted', { jobId: job.jobId, model: job.parameters.model });
  return accepted(request, job, outlook);
}

function jobOf(submission: Submission, context: RequestContext, expiryHours: number, cold: boolean): Job {
  const jobId = uuidv4();
  const nowMs = Date.now();
  const job = newJob({
    jobId,
    createdAt: new Date(nowMs).toISOString(),
    expiresAt: deadlineIn(expiryHours, nowMs),
    parameters: submission.parameters,
    inputs: { content: `inputs/${jobId}/content`, style: `inputs/${jobId}/style` },
    traceparent: context.traceparent,
  });
  return cold ? { ...job, phase: 'waking_worker' } : job;
}

async function accept(
  deps: Dependencies,
  job: Job,
  { content, style }: Submission,
  context: RequestContext,
): Promise<void> {
  let maybeRecorded = false;
  try {
    await bothOf([
      deps.images.put(job.inputs.content, content.bytes, contentTypes[content.format]),
      deps.images.put(job.inputs.style, style.bytes, contentTypes[style.format]),
    ]);
    maybeRecorded = true;
    await deps.jobs.create(job);
    await deps.queue.send(messageFor(job));
  } catch (error) {
    if (await isWithdrawn(deps, job, maybeRecorded, context)) throw error;
  }
}

/** Waits for both even when one fails: what is deleted afterwards must not be written later. */
async function bothOf(writes: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(writes))
    if (outcome.status === 'rejected') throw outcome.reason;
}

/**
 * The caller hears that the job was not taken, so nobody may work on it: not even if record or message did get through.
 * Its images stay where the record cannot be asked: should it be there, the sweeper sees to it that the job is done.
 * @returns false where all of it got through, and the job has ended by now: then it was taken.
 */
async function isWithdrawn(
  { jobs, images }: Dependencies,
  job: Job,
  maybeRecorded: boolean,
  { log }: RequestContext,
): Promise<boolean> {
  try {
    if (maybeRecorded && (await cancel(jobs, job.jobId)) === 'too late') return false;
    await bothOf([images.delete(job.inputs.content), images.delete(job.inputs.style)]);
  } catch (error) {
    log.warn('job.withdraw_failed', { jobId: job.jobId, error });
  }
  return true;
}

async function cancel(jobs: JobStore, jobId: string): Promise<'canceled' | 'too late'> {
  const at = new Date().toISOString();
  try {
    const { status } = await jobs.update(jobId, (now) => transition(now, { type: 'canceled', at }));
    return status === 'canceled' ? 'canceled' : 'too late';
  } catch (error) {
    if (error instanceof JobError && error.code === 'job_not_found') return 'canceled';
    throw error;
  }
}

function accepted(request: HttpRequest, job: Job, { cold, low, high }: Outlook): HttpResponseInit {
  const links = linksOf(request, job.jobId);
  const receipt: SubmissionReceipt = {
    job_id: job.jobId,
    status: 'queued',
    done: false,
    created_at: job.createdAt,
    estimated_wait_time: inWords({ low, high }, cold),
    estimated_wait_seconds: { low, high },
    status_url: links.status,
    result_url: links.result,
  };
  return { status: 202, jsonBody: receipt, headers: { Location: links.status, 'Retry-After': '1' } };
}
