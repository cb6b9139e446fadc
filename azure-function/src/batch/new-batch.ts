// A batch as it is first recorded, the images that belong to it, and each of its jobs.
import {
  type BatchRecord,
  contentTypes,
  deadlineIn,
  type Job,
  type RetentionSettings,
} from '@impasto/shared';
import { v4 as uuidv4 } from 'uuid';
import type { NamedImage } from '../submit/accept-job.ts';
import type { Submission, SubmittedImage } from '../submit/submission-form.ts';
import type { SubmittedBatch } from './batch-form.ts';

export interface BatchTimes {
  readonly retention: RetentionSettings;
  /** How long a job may wait for a worker before it ends as expired. */
  readonly expiryHours: number;
}

/** For what takes longer than it should: work on a job, a replay of one that failed, a sweep. */
const marginHours = 24;

export function newBatch(
  batchId: string,
  createdAt: string,
  batch: SubmittedBatch,
  { retention, expiryHours }: BatchTimes,
): BatchRecord {
  const keys = keysOf(batchId, batch);
  const nameOf = ({ sha256 }: SubmittedImage) => keys.get(sha256) ?? '';
  const { retentionHours = Math.max(retention.retentionHours, retention.failedRetentionHours) } =
    batch.handling;
  return {
    batchId,
    createdAt,
    contents: batch.contents.map(nameOf),
    styles: batch.styles.map(nameOf),
    items: batch.items.map(({ content, style }) => ({ jobId: uuidv4(), content, style })),
    metadata: batch.handling.metadata,
    intake: 'under_way',
    keptUntil: deadlineIn(expiryHours + retentionHours + marginHours),
  };
}

/** Each image once, however often it was sent. */
export function imagesOf(batchId: string, batch: SubmittedBatch): NamedImage[] {
  const images = new Map([...batch.contents, ...batch.styles].map((image) => [image.sha256, image]));
  return [...keysOf(batchId, batch)].flatMap(([sha256, key]) => {
    const image = images.get(sha256);
    return image ? [{ key, bytes: image.bytes, contentType: contentTypes[image.format] }] : [];
  });
}

/** Names in the image store by the hash of the image. The same batch always gets the same names. */
function keysOf(batchId: string, { contents, styles }: SubmittedBatch): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [kind, images] of Object.entries({ content: contents, style: styles })) {
    for (const [place, { sha256 }] of images.entries())
      if (!keys.has(sha256)) keys.set(sha256, `inputs/${batchId}/${kind}-${place}`);
  }
  return keys;
}

/** What one job of the batch would be if it had come alone; undefined where the record has no such job. */
export function submissionOf(batch: SubmittedBatch, index: number): Submission | undefined {
  const item = batch.items[index];
  const content = item && batch.contents[item.content];
  const style = item && batch.styles[item.style];
  if (!item || !content || !style) return undefined;
  return { content, style, parameters: item.parameters, model: item.model, handling: batch.handling };
}

/** Where a job of the batch belongs. */
export function partOf(
  { batchId, contents, styles, items }: BatchRecord,
  index: number,
): Required<Pick<Job, 'inputs' | 'batch'>> {
  const { content = 0, style = 0 } = items[index] ?? {};
  return {
    inputs: { content: contents[content] ?? '', style: styles[style] ?? '' },
    batch: { id: batchId, index },
  };
}
