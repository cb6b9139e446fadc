// A job in the storage of a test, in whatever state, with all that belongs to it.
import { createHash } from 'node:crypto';
import {
  indexNameOf,
  type Job,
  type JobEvent,
  type JobResult,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult } from '@impasto/shared/testing';
import { makeTestViews } from './views.ts';

export const at = '2026-01-02T03:04:06.000Z';
export const claim = { owner: 'a', attempt: 1 };
export const claimed: JobEvent = { type: 'claimed', owner: 'a', at };
export const painted = Buffer.from('painted');
export const failure = { code: 'image_corrupt', message: 'cut off', retryable: false };
export const failed: JobEvent = { type: 'attempt_failed', claim, error: failure, at };

export type Ports = ReturnType<typeof makeMemoryPorts>;

/** What a worker says of a picture that it has painted for this job. */
export function resultOf({ jobId }: Pick<Job, 'jobId'>, picture: Uint8Array = painted): JobResult {
  const sha256 = createHash('sha256').update(picture).digest('hex');
  const thumbnail = { width: 256, height: 192, bytes: 5 };
  const key = `results/${jobId}/1-a.png`;
  return { ...someResult, key, bytes: picture.byteLength, sha256, thumbnail };
}

export const completedWith = (result: JobResult): JobEvent => ({ type: 'completed', claim, result, at });

/** Puts a job there as its events have left it. */
export async function addJob(ports: Ports, events: readonly JobEvent[], base: Job = someJob()): Promise<Job> {
  const job = events.reduce(transition, base);
  await ports.jobs.create(job);
  await ports.jobIndex.create(indexNameOf(job), {});
  for (const key of Object.values(job.inputs)) await ports.images.put(key, Buffer.from('sent'), 'image/png');
  if (job.status === 'completed') {
    await ports.images.put(job.result.key, painted, 'image/png');
    await ports.images.put(thumbnailKeyOf(job.result.key), Buffer.from('small'), 'image/webp');
  }
  return job;
}

/** A storage with one job, and what handlers need. */
export async function setUpJob(...events: JobEvent[]) {
  const ports = makeMemoryPorts();
  const job = await addJob(ports, events);
  return { ports, job, params: { job_id: job.jobId }, deps: { ...ports, ...makeTestViews(ports) } };
}

/** The same, completed. */
export async function setUpCompleted() {
  const ports = makeMemoryPorts();
  const base = someJob();
  const job = await addJob(ports, [claimed, completedWith(resultOf(base))], base);
  return { ports, job, params: { job_id: job.jobId }, deps: { ...ports, ...makeTestViews(ports) } };
}
