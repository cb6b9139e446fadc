// What is kept beside the job records: keys of requests, batches, deliveries, and where a picture was painted before.
import { z } from 'zod';
import type { CallOptions, DocumentStore, ListedDocument } from './ports.ts';
import { webhookEvents } from './submission.ts';

const timestamp = z.iso.datetime();

/** What a request with an Idempotency-Key became. Its name is a hash of the key and of whose it is. */
export const idempotencyRecordSchema = z.object({
  kind: z.enum(['job', 'batch']),
  /** Of the job or the batch. */
  id: z.uuid(),
  /** SHA-256 of what was asked for. */
  fingerprint: z.string(),
  /** When the key was first seen: the job counts from then, whoever records it in the end. */
  createdAt: timestamp,
  /** Of the request that may speak for the key: a random name. */
  claim: z.string(),
});
export type IdempotencyRecord = z.infer<typeof idempotencyRecordSchema>;

/** A batch, named by its id; the states of its jobs are in their own records. */
export const batchRecordSchema = z.object({
  batchId: z.uuid(),
  createdAt: timestamp,
  /** Names in the image store. */
  contents: z.array(z.string()),
  styles: z.array(z.string()),
  /** `content` and `style` are places in the lists above. */
  items: z.array(z.object({ jobId: z.uuid(), content: z.int(), style: z.int() })),
  metadata: z.record(z.string(), z.string()),
  cancelRequestedAt: timestamp.optional(),
  /**
   * While not every job is recorded yet: `under_way` until its request ends, `broken_off` where that failed, and the next
   * one with its key may go on. Nobody was told yet that such a batch is taken.
   */
  intake: z.enum(['under_way', 'broken_off']).optional(),
  /** Since when it is removed: of such a batch nothing but this note is left, or soon will be. */
  goneAt: timestamp.optional(),
  /** When the record and the inputs may go: none of its jobs can be open or replayed then. */
  keptUntil: timestamp,
});
export type BatchRecord = z.infer<typeof batchRecordSchema>;

const deliveryAttemptSchema = z.object({
  at: timestamp,
  /** HTTP status of the receiver, where it answered. */
  httpStatus: z.int().optional(),
  /** Why there was no success, in one word. */
  error: z.string().optional(),
  latencyMs: z.number(),
});
export type DeliveryAttempt = z.infer<typeof deliveryAttemptSchema>;

/** What became of one event that a receiver wants to know. Its name is `{job_id}/{delivery_id}`. */
export const deliveryRecordSchema = z.object({
  jobId: z.uuid(),
  deliveryId: z.string(),
  event: z.enum(webhookEvents),
  /** When it happened. */
  at: timestamp,
  state: z.enum(['pending', 'delivered', 'failed', 'disabled']),
  attempts: z.array(deliveryAttemptSchema),
  /** Attempts of this round: somebody who asks for a delivery anew starts the next. */
  round: z.int().min(0),
  triesInRound: z.int().min(0),
  nextAttemptAt: timestamp.optional(),
  /** What every attempt sends, byte for byte, whatever becomes of the job. */
  body: z.string().optional(),
});
export type DeliveryRecord = z.infer<typeof deliveryRecordSchema>;

/** What a listing shows of a delivery: while it is pending, when somebody is to try it again. */
export function deliveryLabel({ state, nextAttemptAt, at }: DeliveryRecord): string | undefined {
  return state === 'pending' ? (nextAttemptAt ?? at) : undefined;
}

/** Of a delivery. */
export function deliveryName({ jobId, deliveryId }: Pick<DeliveryRecord, 'jobId' | 'deliveryId'>): string {
  return `${jobId}/${deliveryId}`;
}

/** The latest jobs that were asked for the same picture. Its name is the key of the picture. */
export const reuseRecordSchema = z.object({
  jobId: z.uuid(),
  /** Those before, the latest first: the latest may never be painted. */
  earlier: z.array(z.uuid()).optional(),
});
export type ReuseRecord = z.infer<typeof reuseRecordSchema>;

/** All in the name: see job-index.ts. */
export const indexEntrySchema = z.object({});
export type IndexEntry = z.infer<typeof indexEntrySchema>;

const documentsPerPage = 1_000;

/** Every document whose name starts so, in the order of names. */
export async function* everyDocument<T>(
  documents: Pick<DocumentStore<T>, 'list'>,
  prefix: string,
  options?: CallOptions,
): AsyncGenerator<ListedDocument> {
  let cursor: string | undefined;
  do {
    const page = await documents.list({ prefix, limit: documentsPerPage, cursor }, options);
    yield* page.documents;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

export interface Documents {
  readonly idempotencyKeys: DocumentStore<IdempotencyRecord>;
  readonly batches: DocumentStore<BatchRecord>;
  readonly deliveries: DocumentStore<DeliveryRecord>;
  readonly reuse: DocumentStore<ReuseRecord>;
  readonly jobIndex: DocumentStore<IndexEntry>;
}
