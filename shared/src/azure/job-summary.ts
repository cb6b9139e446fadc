// What a listing of job records shows of each: a few facts in the metadata of its blob, so that whoever looks after all
// jobs need not read them one by one.
import type { BlobItem } from '@azure/storage-blob';
import { z } from 'zod';
import type { Job } from '../job.ts';
import type { JobSummary } from '../ports.ts';
import { picturesAreGone } from '../retention.ts';
import { webhookEvents } from '../submission.ts';
import { secondsBetween } from './storage-errors.ts';

const summarySchema = z.object({
  status: z.enum(['queued', 'processing', 'completed', 'failed', 'canceled', 'expired', 'gone']),
  phase: z.string(),
  attempt: z.int(),
  replays: z.int(),
  expiresAt: z.string().optional(),
  resultKey: z.string().optional(),
  reason: z.string().optional(),
  retentionHours: z.number().optional(),
  picturesAreGone: z.boolean().optional(),
  webhookEvents: z.array(z.enum(webhookEvents)).optional(),
});

const suffix = '.json';

export function summaryMetadata(job: Job): { summary: string } {
  const { status, phase, attempt, replays, expiresAt, retentionHours, webhook } = job;
  const resultKey = job.status === 'completed' ? job.result.key : undefined;
  const reason = job.status === 'failed' ? job.error.code : undefined;
  const counts = { status, phase, attempt, replays, expiresAt };
  const over = picturesAreGone(job) ? { picturesAreGone: true } : {};
  const more = { resultKey, reason, retentionHours, webhookEvents: webhook?.events, ...over };
  return { summary: JSON.stringify({ ...counts, ...more } satisfies z.infer<typeof summarySchema>) };
}

/** Of the note that a deleted record leaves. */
export const goneMetadata = {
  summary: JSON.stringify({ status: 'gone', phase: 'done', attempt: 0, replays: 0 }),
};

/** @returns undefined where the blob is no job record, or its metadata is not what we write. */
export function readSummary(item: BlobItem, now: Date | undefined): JobSummary | undefined {
  if (!item.name.endsWith(suffix)) return undefined;
  const summary = parse(item.metadata?.summary);
  if (!summary) return undefined;
  const { status, attempt, replays, expiresAt, resultKey, retentionHours, webhookEvents: events } = summary;
  const { reason } = summary;
  return {
    jobId: item.name.slice(0, -suffix.length),
    status,
    attempt,
    replays,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(resultKey !== undefined && { resultKey }),
    ...(reason !== undefined && { reason }),
    ...(retentionHours !== undefined && { retentionHours }),
    ...(summary.picturesAreGone && { picturesAreGone: true }),
    ...(events !== undefined && { webhookEvents: events }),
    ageSeconds: secondsBetween(item.properties.lastModified, now),
  };
}

function parse(metadata: string | undefined): z.infer<typeof summarySchema> | undefined {
  try {
    return summarySchema.parse(JSON.parse(metadata ?? ''));
  } catch {
    return undefined;
  }
}
