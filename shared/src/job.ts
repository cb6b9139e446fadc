// A job as its record keeps it: a union on `status`, so that a result exists only where a job is completed.
import { z } from 'zod';
import { jobParametersSchema, outputFormats, webhookEvents } from './submission.ts';

const phases = [
  'queued',
  'waking_worker',
  'loading_model',
  'fetching',
  'decoding',
  'stylizing',
  'encoding',
  'storing',
  'canceling',
  'done',
] as const;
/** What is going on inside a status. The list may grow; a client shows it and never branches on it. */
export type Phase = (typeof phases)[number];

const timestamp = z.iso.datetime();

const jobFailureSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** Whether a new job with the same input may succeed. */
  retryable: z.boolean(),
});
export type JobFailure = z.infer<typeof jobFailureSchema>;

/** Milliseconds spent in each stage of the attempt that completed the job. */
const timingsSchema = z.record(z.string(), z.number().nonnegative());

const jobResultSchema = z.object({
  /** Name of the result in the image store; holds attempt and owner, so that two attempts never share one. */
  key: z.string(),
  width: z.int(),
  height: z.int(),
  format: z.enum(outputFormats),
  bytes: z.int(),
  sha256: z.string(),
  processingSeconds: z.number(),
  model: z.string(),
  executionProvider: z.string(),
  timings: timingsSchema,
  prompt: z.object({ applied: z.array(z.string()), ignored: z.array(z.string()) }),
  /** Parameters that were given and that the model has no use for. */
  ignoredParameters: z.array(z.string()),
  /** Size at which the network painted, where the worker's pixel budget made it smaller than the result. */
  paintedAt: z.object({ width: z.int(), height: z.int() }).optional(),
  /** Its name is `thumbnailKeyOf(key)`. */
  thumbnail: z.object({ width: z.int(), height: z.int(), bytes: z.int() }).optional(),
});
export type JobResult = z.infer<typeof jobResultSchema>;

const webhookSchema = z.object({
  url: z.string(),
  events: z.array(z.enum(webhookEvents)),
  /** Of the request that made the job: the links in what is delivered begin with it. */
  origin: z.string(),
});
export type JobWebhook = z.infer<typeof webhookSchema>;

/** Seconds from the submission to the result, as they were foretold then. */
const estimateSchema = z.object({
  low: z.number(),
  high: z.number(),
  /** Whether no worker was there yet. */
  cold: z.boolean().optional(),
});

const common = {
  jobId: z.uuid(),
  createdAt: timestamp,
  parameters: jobParametersSchema,
  /** Names in the image store; those of a batch belong to the batch. */
  inputs: z.object({ content: z.string(), style: z.string() }),
  /** SHA-256 of both, in hexadecimal. */
  inputHashes: z.object({ content: z.string(), style: z.string() }).optional(),
  /** The caller's own notes. */
  metadata: z.record(z.string(), z.string()).default({}),
  /** How long the job is kept once it has ended, where the caller said so. */
  retentionHours: z.number().positive().optional(),
  webhook: webhookSchema.optional(),
  /** The batch that it is part of, and its place there. */
  batch: z.object({ id: z.uuid(), index: z.int().min(0) }).optional(),
  estimate: estimateSchema.optional(),
  /** Somebody wants the job to end: who works on it stops as soon as possible, and nobody begins it again. */
  cancelRequestedAt: timestamp.optional(),
  /** More than one request made the job, and one of them was told that it is taken: it is never withdrawn. */
  confirmed: z.literal(true).optional(),
  /** The caller was told that the job was not taken: nobody knows of it. */
  withdrawn: z.literal(true).optional(),
  /** W3C trace context of the request that made the job. */
  traceparent: z.string(),
  /** How many times a worker has claimed the job. */
  attempt: z.int().min(0),
  /** Attempts that left neither result nor error, or that took their engine with them. */
  crashes: z.int().min(0),
  /** Attempts that ended with an error of their own. */
  errors: z.int().min(0).default(0),
  /** Attempts given back unfinished by a worker that had to stop; they do not count against the job. */
  handBacks: z.int().min(0),
  /** How often the job's message was sent again because it seemed lost. */
  resends: z.int().min(0).default(0),
  /** How often the job was queued again after it had failed; every other count starts anew then. */
  replays: z.int().min(0).default(0),
  /** Whoever finds the job still queued after this ends it as expired. */
  expiresAt: timestamp.optional(),
  lastError: jobFailureSchema.optional(),
  phase: z.enum(phases),
  /** 0 to 1. */
  progress: z.number().min(0).max(1),
};

const started = { startedAt: timestamp };
const ended = {
  startedAt: timestamp.optional(),
  completedAt: timestamp,
  /** Since when its time is over, where the record stays until its receiver has been told. */
  picturesRemovedAt: timestamp.optional(),
};

const queuedSchema = z.object({ ...common, status: z.literal('queued') });
const processingSchema = z.object({
  ...common,
  ...started,
  status: z.literal('processing'),
  /** The claim that may finish this attempt: a random name, new for each claim. */
  owner: z.string(),
});
const completedSchema = z.object({
  ...common,
  ...ended,
  status: z.literal('completed'),
  result: jobResultSchema,
  /** The job that painted the picture, where this one was given a copy. */
  reusedFrom: z.uuid().optional(),
});
const failedSchema = z.object({ ...common, ...ended, status: z.literal('failed'), error: jobFailureSchema });
const canceledSchema = z.object({
  ...common,
  ...ended,
  status: z.literal('canceled'),
  /** Of a job that was being worked on: where it was stopped, and the seconds that were spent on it. */
  stopped: z.object({ phase: z.enum(phases), processingSeconds: z.number() }).optional(),
});
const expiredSchema = z.object({ ...common, ...ended, status: z.literal('expired') });

export const jobSchema = z.discriminatedUnion('status', [
  queuedSchema,
  processingSchema,
  completedSchema,
  failedSchema,
  canceledSchema,
  expiredSchema,
]);

export type Job = z.infer<typeof jobSchema>;
export type ProcessingJob = z.infer<typeof processingSchema>;
export type CompletedJob = z.infer<typeof completedSchema>;

/** Whether a job has reached a state that never changes again. */
export function isDone(job: Job): boolean {
  return job.status !== 'queued' && job.status !== 'processing';
}

/** The version of messages and records that this code writes, and the newest that it reads. */
export const formatVersion = 1;

/** What the queue carries: enough to find the record, which decides everything else. */
export const jobMessageSchema = z.object({
  v: z.literal(formatVersion),
  job_id: z.uuid(),
  traceparent: z.string().optional(),
});
export type JobMessage = z.infer<typeof jobMessageSchema>;

type NewJob = Pick<Job, 'jobId' | 'createdAt' | 'expiresAt' | 'parameters' | 'inputs' | 'traceparent'> &
  Partial<Pick<Job, 'inputHashes' | 'metadata' | 'retentionHours' | 'webhook' | 'batch' | 'estimate'>>;

/** Whether a message or record, of whatever shape, was written by a later version of this code. */
export function isNewerFormat(value: unknown): boolean {
  const parsed = z.object({ v: z.int() }).safeParse(value);
  return parsed.success && parsed.data.v > formatVersion;
}

/** What every job starts with, and starts with again when it is replayed. */
export const freshCounts = {
  attempt: 0,
  crashes: 0,
  errors: 0,
  handBacks: 0,
  resends: 0,
  phase: 'queued',
  progress: 0,
} as const;

/** A job as it is first recorded. */
export function newJob(facts: NewJob): Job {
  return { metadata: {}, ...facts, ...freshCounts, status: 'queued', replays: 0 };
}

/**
 * A job that is completed from the start, with a copy of what another has painted.
 * @param at ISO date of now: a request that was taken over may have come long before, and the copy is kept from now on.
 */
export function reusedJob(job: Job, result: JobResult, reusedFrom: string, at: string): CompletedJob {
  const done = { completedAt: at, phase: 'done', progress: 1 } as const;
  return { ...job, ...done, status: 'completed', result, reusedFrom };
}

/** The inputs that no other job has a share in. */
export function ownInputsOf({ jobId, inputs }: Pick<Job, 'jobId' | 'inputs'>): string[] {
  return Object.values(inputs).filter((key) => key.startsWith(`inputs/${jobId}/`));
}

/** The name of the small picture beside a result. */
export function thumbnailKeyOf(resultKey: string): string {
  return `${resultKey}.thumbnail.webp`;
}

/** The text of the message that wakes a worker for this job. */
export function messageFor({ jobId, traceparent }: Pick<Job, 'jobId' | 'traceparent'>): string {
  return JSON.stringify({ v: formatVersion, job_id: jobId, traceparent } satisfies JobMessage);
}
