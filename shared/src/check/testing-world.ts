// A storage full of jobs that ended in every way there is, made by the state machine itself, and the history that its
// clients would tell. Tests break one thing in it.
import { createHash, randomUUID } from 'node:crypto';
import { recordFailedJob } from '../dead-letters.ts';
import { type DeliveryRecord, type Documents, deliveryName } from '../documents.ts';
import { type Job, type JobResult, messageFor, reusedJob, thumbnailKeyOf } from '../job.ts';
import { noticeFor } from '../notices.ts';
import type { DeadLetterStore, ImageStore, JobQueue, JobStore } from '../ports.ts';
import { makeMemoryPorts, someJob, someResult } from '../testing/index.ts';
import { type JobEvent, transition } from '../transition.ts';
import type { ClientCall, JobView } from './report.ts';

export interface WorldStorage extends Pick<Documents, 'batches' | 'deliveries'> {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly deadLetters: DeadLetterStore;
}

/** 3 x 2 pixels. */
export const tinyPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGPgTD4OQQxwFgBDlAczwkYczwAAAABJRU5ErkJggg==',
  'base64',
);

const at = '2026-01-02T03:05:00.000Z';
const expiresAt = '2100-01-01T00:00:00.000Z';
type Failure = Extract<JobEvent, { type: 'attempt_failed' }>['error'];
const badPicture: Failure = { code: 'image_corrupt', message: 'cut off', retryable: false };
const passing: Failure = { code: 'model_failed', message: 'no', retryable: true };

export type World = ReturnType<typeof makeWorld>;

export function makeWorld(storage: WorldStorage) {
  const { jobs, images, queue, deadLetters } = storage;
  const history: ClientCall[] = [];
  let calls = 0;
  const now = () => new Date(Date.UTC(2026, 0, 2) + 1000 * calls++).toISOString();

  /** What the door does, up to the answer. */
  async function submit(outcome: ClientCall['outcome'] = 'ok', facts: Partial<Job> = {}): Promise<Job> {
    const job = { ...someJob(), ...facts } as Job;
    await images.put(job.inputs.content, tinyPng, 'image/png');
    await images.put(job.inputs.style, tinyPng, 'image/png');
    await jobs.create(job);
    history.push({ call: 'submit', outcome, at: now(), ...(outcome === 'ok' && { jobId: job.jobId }) });
    return job;
  }

  function apply(jobId: string, ...events: readonly JobEvent[]): Promise<Job> {
    return jobs.update(jobId, (job) => events.reduce(transition, job));
  }

  async function claim(jobId: string) {
    const job = await apply(jobId, { type: 'claimed', owner: `owner-${calls++}`, at });
    if (job.status !== 'processing') throw new Error(`Expected a claimed job, received a ${job.status} one`);
    return { owner: job.owner, attempt: job.attempt };
  }

  async function complete(jobId: string, facts: Partial<JobResult> = {}): Promise<Job> {
    const claimed = await claim(jobId);
    const key = `results/${jobId}/${claimed.attempt}-${claimed.owner}.png`;
    await images.put(key, tinyPng, 'image/png');
    const sha256 = createHash('sha256').update(tinyPng).digest('hex');
    const picture = { key, width: 3, height: 2, bytes: tinyPng.length, sha256 };
    const result = { ...someResult, ...picture, ...facts };
    await putThumbnail(result);
    return await apply(jobId, { type: 'completed', claim: claimed, result, at });
  }

  async function putThumbnail({ key, thumbnail }: JobResult): Promise<void> {
    if (thumbnail) await images.put(thumbnailKeyOf(key), Buffer.alloc(thumbnail.bytes), 'image/webp');
  }

  async function fail(jobId: string, error: Failure = badPicture): Promise<Job> {
    const claimed = await claim(jobId);
    const job = await apply(jobId, { type: 'attempt_failed', claim: claimed, error, at });
    await recordFailedJob(deadLetters, job);
    return job;
  }

  async function replay(jobId: string): Promise<void> {
    const { replays } = await apply(jobId, { type: 'replayed', expiresAt });
    await deadLetters.mark(`${jobId}/${replays - 1}`, 'replayed');
  }

  /** What the door does for a caller who no longer wants a queued job. */
  function cancel(jobId: string): Promise<Job> {
    return apply(jobId, { type: 'cancel_requested', at });
  }

  /** A status call that saw this. */
  function see(jobId: string, view: Partial<JobView>): void {
    const seen = { status: 'queued', done: false, attempt: 0, progress: 0, phase: 'queued', ...view };
    history.push({ call: 'status', outcome: 'ok', jobId, at: now(), view: seen });
  }

  /** One job of every fate. */
  async function fill() {
    const fates = {
      plain: await submit(),
      troubled: await submit(),
      failed: await submit(),
      replayed: await submit(),
      canceled: await submit(),
      expired: await submit(),
      recovered: await submit('unknown'),
      withdrawn: await submit('fail'),
    };
    await complete(fates.plain.jobId);
    await trouble(fates.troubled.jobId);
    await fail(fates.failed.jobId);
    await fail(fates.replayed.jobId);
    await replay(fates.replayed.jobId);
    await complete(fates.replayed.jobId);
    await claim(fates.canceled.jobId);
    await apply(fates.canceled.jobId, { type: 'canceled', at });
    await apply(fates.expired.jobId, { type: 'expired', at });
    await complete(fates.recovered.jobId);
    await withdraw(fates.withdrawn);
    see(fates.plain.jobId, {});
    see(fates.plain.jobId, { status: 'processing', attempt: 1, progress: 0.5 });
    see(fates.plain.jobId, { status: 'completed', done: true, attempt: 1, progress: 1 });
    see(fates.replayed.jobId, { status: 'failed', done: true, attempt: 1 });
    see(fates.replayed.jobId, {});
    return fates;
  }

  /** A hand-back, an error, a lost message and a crash on the way to the result. */
  async function trouble(jobId: string): Promise<void> {
    await apply(jobId, { type: 'handed_back', claim: await claim(jobId), at: new Date().toISOString() });
    await apply(jobId, { type: 'resent' });
    await apply(jobId, { type: 'attempt_failed', claim: await claim(jobId), error: passing, at });
    see(jobId, { attempt: 2 });
    await claim(jobId);
    await complete(jobId);
  }

  /** What the door does when it cannot send the message. */
  async function withdraw({ jobId, inputs }: Job): Promise<void> {
    await jobs.update(jobId, (job) => ({ ...transition(job, { type: 'canceled', at }), withdrawn: true }));
    await Promise.all([images.delete(inputs.content), images.delete(inputs.style)]);
  }

  /** What the door does with a picture that was painted before. */
  async function reuse(source: Job): Promise<Job> {
    if (source.status !== 'completed')
      throw new Error(`Expected a completed job, received a ${source.status} one`);
    const fresh = someJob();
    const key = `results/${fresh.jobId}/0-copy.png`;
    await images.put(key, tinyPng, 'image/png');
    await putThumbnail({ ...source.result, key });
    for (const input of Object.values(fresh.inputs)) await images.put(input, tinyPng, 'image/png');
    const job = reusedJob(fresh, { ...source.result, key }, source.jobId, fresh.createdAt);
    await jobs.create(job);
    history.push({ call: 'submit', outcome: 'ok', at: now(), jobId: job.jobId });
    return job;
  }

  /** What happens at the end of a job's time, or when its caller wants it gone. */
  async function remove(jobId: string): Promise<void> {
    await jobs.delete(jobId, () => true);
    history.push({ call: 'delete', outcome: 'ok', jobId, at: now() });
    for (const prefix of [`inputs/${jobId}/`, `results/${jobId}/`])
      for await (const { key } of images.list(prefix)) await images.delete(key);
  }

  /** Two jobs that share their pictures. */
  async function addBatch(): Promise<{ batchId: string; items: Job[] }> {
    const batchId = randomUUID();
    const inputs = { content: `inputs/${batchId}/content-0`, style: `inputs/${batchId}/style-0` };
    const items: Job[] = [];
    for (const index of [0, 1]) items.push(await submit('ok', { inputs, batch: { id: batchId, index } }));
    await storage.batches.create(batchId, {
      ...{ batchId, createdAt: at, metadata: {}, keptUntil: expiresAt },
      ...{ contents: [inputs.content], styles: [inputs.style] },
      items: items.map(({ jobId }) => ({ jobId, content: 0, style: 0 })),
    });
    return { batchId, items };
  }

  /** What is written down of telling a receiver how the job ended. */
  async function tell(job: Job, state: DeliveryRecord['state'] = 'delivered'): Promise<void> {
    const notice = noticeFor(job);
    if (!notice) throw new Error('Expected a job whose receiver wants to know');
    const delivery = { jobId: job.jobId, deliveryId: notice.delivery_id, event: notice.event, at };
    const record = { ...delivery, state, attempts: [], round: 0, triesInRound: 1 };
    await storage.deliveries.create(deliveryName(record), record);
  }

  const send = (job: Job) => queue.send(messageFor(job));
  const more = { cancel, reuse, remove, addBatch, tell };

  return { storage, history, submit, apply, claim, complete, fail, replay, see, fill, send, ...more };
}

/** @returns with it a clock that only the test moves, in seconds. */
export function makeMemoryWorld() {
  let seconds = 0;
  const clock = () => seconds * 1000;
  const world = makeWorld(makeMemoryPorts(clock));
  const pass = (more: number) => {
    seconds += more;
  };
  return { ...world, pass };
}
