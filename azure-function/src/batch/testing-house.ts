// Batches with all of their storage in memory and a clock to play with.
import {
  type BatchRecord,
  type BatchView,
  batchViewSchema,
  type Job,
  type JobEvent,
  jobMessageSchema,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts } from '@impasto/shared/testing';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { type FaultHook, withFaultPoints } from '../../../shared/src/testing/fault-points.ts';
import { makeIntake } from '../submit/intake.ts';
import type { ResolveSubmitted } from '../submit/submission-form.ts';
import { type Answer, invoke, postJson } from '../testing/invoke.ts';
import { completedWith, failure, painted, resultOf } from '../testing/job-scene.ts';
import { makeTestViews, testWaiting } from '../testing/views.ts';
import type { Places } from '../waiting/places.ts';
import { makeBatches } from './make-batches.ts';

/** Each one another picture. */
export const pictures = Array.from({ length: 5 }, (_, index) => tinyPng(32 + index, 24).toString('base64'));
const [a = '', b = '', c = '', d = ''] = pictures;
/** Four jobs. */
export const good = { content_images: [a, b], style_images: [c, d] };
/** What a process does that is gone. */
export const forever = new Promise<never>(() => {});

interface Options {
  readonly models?: readonly { name: string; version?: string }[];
  readonly maxQueued?: number;
  readonly hook?: FaultHook | undefined;
  /** For those who wait. */
  readonly places?: Places;
  readonly resolveReceiver?: ResolveSubmitted;
}

export function openHouse(options: Options = {}) {
  const clock = { ms: Date.now() };
  const ports = makeMemoryPorts(() => clock.ms);
  const plain = batchesOver(ports, options);

  async function jobs(): Promise<Job[]> {
    const found: Job[] = [];
    for await (const { jobId } of ports.jobs.list()) {
      const stored = await ports.jobs.get(jobId).catch(() => undefined);
      if (stored) found.push(stored.job);
    }
    return found.sort((one, other) => (one.batch?.index ?? 0) - (other.batch?.index ?? 0));
  }

  async function record(batchId: string): Promise<BatchRecord | undefined> {
    return (await ports.batches.get(batchId))?.value;
  }

  return {
    ports,
    jobs,
    record,
    advance(seconds: number): void {
      clock.ms += seconds * 1000;
    },
    /** @param hook meets each call to the storage. */
    send(body: object = {}, headers: Record<string, string> = {}, hook?: FaultHook): Promise<Answer> {
      const { submitBatch } = hook ? batchesOver(ports, { ...options, hook }) : plain;
      return postJson(submitBatch, { ...good, ...body }, headers, '/api/style-transfer/batch');
    },
    get: (batchId: string, query = '', headers: Record<string, string> = {}) =>
      invoke(plain.getBatch, {
        path: `/api/batch/${encodeURIComponent(batchId)}${query}`,
        params: { batch_id: batchId },
        headers,
      }),
    cancel: (batchId: string, hook?: FaultHook) =>
      invoke((hook ? batchesOver(ports, { ...options, hook }) : plain).cancelBatch, {
        method: 'POST',
        path: '/api/batch/x/cancel',
        params: { batch_id: batchId },
      }),
    remove: (batchId: string, hook?: FaultHook) =>
      invoke((hook ? batchesOver(ports, { ...options, hook }) : plain).deleteBatch, {
        method: 'DELETE',
        path: '/api/batch/x',
        params: { batch_id: batchId },
      }),
    results: (batchId: string, query = '') =>
      invoke(plain.batchResults, { path: `/api/batch/x/results${query}`, params: { batch_id: batchId } }),
    /** The jobs that messages in the queue are about. */
    async messages(): Promise<string[]> {
      const waiting = await ports.queue.peek();
      return waiting.map(({ text }) => jobMessageSchema.parse(JSON.parse(text)).job_id);
    },
    /** Lets the job at this place of the batch end like this; `processing` lets it begin. */
    async bring(index: number, status: string, batchId?: string): Promise<Job> {
      const job = (await jobs()).find(
        (one) => one.batch?.index === index && (!batchId || one.batch.id === batchId),
      );
      if (!job) throw new Error(`Expected a job at ${index}, found none`);
      for (const event of eventsTo(status, job))
        await ports.jobs.update(job.jobId, (now) => transition(now, event));
      if (status !== 'completed') return job;
      await ports.images.put(resultOf(job).key, painted, 'image/png');
      await ports.images.put(thumbnailKeyOf(resultOf(job).key), Buffer.from('small'), 'image/webp');
      return job;
    },
  };
}

export type House = ReturnType<typeof openHouse>;

function eventsTo(status: string, job: Job): JobEvent[] {
  const at = new Date().toISOString();
  const claimed = { type: 'claimed', owner: 'a', at } as const;
  const claim = { owner: 'a', attempt: 1 };
  switch (status) {
    case 'processing':
      return [claimed];
    case 'completed':
      return [claimed, { ...completedWith(resultOf(job)), at } as JobEvent];
    case 'failed':
      return [claimed, { type: 'attempt_failed', claim, error: failure, at }];
    case 'expired':
      return [{ type: 'expired', at }];
    default:
      return [{ type: 'canceled', at }];
  }
}

function batchesOver(given: ReturnType<typeof makeMemoryPorts>, options: Options) {
  const { models, maxQueued = 1000, hook, places } = options;
  const ports = hook ? { ...given, ...withFaultPoints(given, hook) } : given;
  const views = makeTestViews(ports);
  const retention = { retentionHours: 24, failedRetentionHours: 168 };
  const shared = { ...ports, ...testWaiting, ...views, retention };
  return makeBatches({
    ...shared,
    ...makeIntake({ ...shared, maxQueued }),
    models: models ?? [{ name: 'impasto-v1' }, { name: 'other' }],
    checkReceiver: (url) => url,
    resolveReceiver: options.resolveReceiver ?? (async () => undefined),
    expiryHours: 24,
    ...(places && { places }),
  });
}

/** What the answer shows; it conforms to the contract. */
export function viewIn({ body }: Answer): BatchView {
  return batchViewSchema.strict().parse(body);
}
