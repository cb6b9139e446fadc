// POST /api/style-transfer: takes a job in. The order of the writes is the promise: images, record, message, 202.
// A crash in between leaves no job that somebody was told of and that nobody will ever do.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import {
  contentTypes,
  type ImageStore,
  type Job,
  JobError,
  type JobQueue,
  type JobStore,
  newJob,
  type SubmissionReceipt,
  transition,
  type WorkerDirectory,
} from '@impasto/shared';
import { v4 as uuidv4 } from 'uuid';
import { estimateWait, inWords, isCold, type WaitEstimate } from './estimate-wait.ts';
import { linksOf } from './job-links.ts';
import type { Handler, RequestContext } from './respond.ts';
import { assertBodySize, parseSubmission, type Submission } from './submission-form.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly workers: WorkerDirectory;
  readonly models: readonly string[];
  readonly maxReplicas: number;
  readonly assumedColdStart: WaitEstimate;
}

interface Outlook extends WaitEstimate {
  readonly cold: boolean;
}

export function makeSubmitJob(deps: Dependencies): Handler {
  return async (request, context) => {
    assertJson(request);
    assertBodySize(Number(request.headers.get('content-length') ?? 0));
    const submission = parseSubmission(new Uint8Array(await request.arrayBuffer()), deps.models);
    const outlook = await lookAhead(deps);
    const job = jobOf(submission, context, outlook.cold);
    await accept(deps, job, submission, context);
    context.log.info('job.accepted', { jobId: job.jobId, model: job.parameters.model });
    return accepted(request, job, outlook);
  };
}

function assertJson(request: HttpRequest): void {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    const received = type ? JSON.stringify(type.slice(0, 80)) : 'none';
    throw new JobError(
      'unsupported_media_type',
      `Expected Content-Type application/json, received ${received}`,
    );
  }
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new JobError(
      'unsupported_encoding',
      `Expected a body without Content-Encoding, received ${encoding.slice(0, 40)}`,
    );
  }
}

/** Guesses at the wait. No job is refused because the guess could not be made. */
async function lookAhead({ queue, workers, maxReplicas, assumedColdStart }: Dependencies): Promise<Outlook> {
  const [jobsAhead, seen] = await Promise.all([
    queue.countMessages().catch(() => 0),
    workers.list().catch(() => []),
  ]);
  return { cold: isCold(seen), ...estimateWait({ jobsAhead, workers: seen, maxReplicas, assumedColdStart }) };
}

function jobOf(submission: Submission, context: RequestContext, cold: boolean): Job {
  const jobId = uuidv4();
  const job = newJob({
    jobId,
    createdAt: new Date().toISOString(),
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
  let recorded = false;
  try {
    await bothOf([
      deps.images.put(job.inputs.content, content.bytes, contentTypes[content.format]),
      deps.images.put(job.inputs.style, style.bytes, contentTypes[style.format]),
    ]);
    await deps.jobs.create(job);
    recorded = true;
    await deps.queue.send(JSON.stringify({ v: 1, job_id: job.jobId, traceparent: job.traceparent }));
  } catch (error) {
    await withdraw(deps, job, recorded, context);
    throw error;
  }
}

/** Waits for both even when one fails: what is deleted afterwards must not be written later. */
async function bothOf(writes: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(writes))
    if (outcome.status === 'rejected') throw outcome.reason;
}

// The caller hears that the job was not taken, so nobody may work on it: not even if the message did get through.
async function withdraw(
  { jobs, images }: Dependencies,
  job: Job,
  recorded: boolean,
  { log }: RequestContext,
): Promise<void> {
  const at = new Date().toISOString();
  const steps = [
    ...(recorded ? [jobs.update(job.jobId, (now) => transition(now, { type: 'canceled', at }))] : []),
    images.delete(job.inputs.content),
    images.delete(job.inputs.style),
  ];
  for (const outcome of await Promise.allSettled(steps)) {
    if (outcome.status === 'rejected')
      log.warn('job.withdraw_failed', { jobId: job.jobId, error: outcome.reason });
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
