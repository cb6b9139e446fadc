// A batch as its caller gets to see it, and what a caller needs to know not to ask for it too often.
import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { type BatchJobView, type BatchView, isDone, type Job, type StatusView } from '@impasto/shared';
import { signingMark, tagOf } from '../http/entity-tag.ts';
import { linksFrom, linksOf } from '../jobs/job-links.ts';
import type { ViewJob } from '../jobs/job-view.ts';
import { comeBackSeconds } from '../waiting/estimate-wait.ts';
import { outlookMark } from '../waiting/outlook.ts';
import { batchLinksOf } from './batch-links.ts';
import type { BatchState, Item } from './read-batch.ts';
import { tally } from './tally.ts';

type JobErrorView = NonNullable<BatchJobView['error']>;

interface Shown {
  readonly status: string;
  readonly done: boolean;
  readonly phase: string;
  readonly progress: number;
  readonly error?: JobErrorView;
  readonly completed_at: string | null;
}

/** Whether every job has ended: what `done` says in the view. */
export function isBatchDone({ items }: BatchState): boolean {
  return !items.some((item) => item.kind === 'coming' || (item.kind === 'there' && !isDone(item.stored.job)));
}

export async function viewBatch(
  viewJob: ViewJob,
  request: HttpRequest,
  { record, items }: BatchState,
): Promise<BatchView> {
  const last = lastOpen(items);
  const views = await Promise.all(items.map((item) => viewOf(viewJob, request, item, item === last)));
  const shown = items.map((item) => shownItem(item, record.cancelRequestedAt));
  const counted = tally(shown);
  const endedAt = latest(shown.map(({ completed_at }) => completed_at)) ?? record.createdAt;
  return {
    batch_id: record.batchId,
    ...counted,
    created_at: record.createdAt,
    completed_at: counted.done ? endedAt : null,
    cancel_requested_at: record.cancelRequestedAt ?? null,
    expires_at: counted.done ? latest(views.map((view) => view?.expires_at ?? null)) : null,
    metadata: record.metadata,
    jobs: record.items.map(({ jobId, content, style }, index) => {
      const { completed_at: _, ...state } = shown[index] ?? shownAs('gone');
      return {
        ...{ index, job_id: jobId, content, style, ...state },
        status_url: linksOf(request, jobId).status,
        ...addressesOf(views[index]),
      };
    }),
    wait: views.find((view) => view?.wait)?.wait ?? null,
    urls: batchLinksOf(request, record.batchId),
  };
}

/** The one that will keep the others waiting: of those that nobody has begun the last, otherwise of all. */
function lastOpen(items: readonly Item[]): Item | undefined {
  const isOf = (status: Job['status']) => (item: Item) =>
    item.kind === 'there' && item.stored.job.status === status;
  return items.findLast(isOf('queued')) ?? items.findLast(isOf('processing'));
}

/** What is foretold of a job takes a moment to work out, so only one is asked. */
async function viewOf(
  viewJob: ViewJob,
  request: HttpRequest,
  item: Item,
  isLast: boolean,
): Promise<StatusView | undefined> {
  if (item.kind !== 'there') return undefined;
  const { job, ageSeconds } = item.stored;
  return isDone(job) || isLast ? await viewJob(request, job, { ageSeconds }) : undefined;
}

function shownItem(item: Item, cancelRequestedAt: string | undefined): Shown {
  switch (item.kind) {
    case 'there':
      return shownJob(item.stored.job);
    case 'gone':
      return shownAs('gone');
    case 'coming':
      return { status: 'queued', done: false, phase: 'queued', progress: 0, completed_at: null };
    case 'lost':
      if (cancelRequestedAt !== undefined) return shownAs('canceled', { completed_at: cancelRequestedAt });
      return shownAs('failed', { error: neverRecorded });
  }
}

const neverRecorded: JobErrorView = {
  code: 'record_missing',
  message: 'The submission of the batch broke off before this job was recorded; send it again',
  retryable: true,
};

function shownAs(status: string, more: Partial<Shown> = {}): Shown {
  return { status, done: true, phase: 'done', progress: 0, completed_at: null, ...more };
}

function shownJob(job: Job): Shown {
  const { status, phase, progress } = job;
  const completed_at = 'completedAt' in job ? job.completedAt : null;
  const error = job.status === 'failed' ? { error: job.error } : {};
  return { status, done: isDone(job), phase, progress, completed_at, ...error };
}

type Addresses = Pick<BatchJobView, 'result_url' | 'url_expires_at' | 'thumbnail_url'>;

function addressesOf(view: StatusView | undefined): Addresses {
  if (!view?.result) return { result_url: null, url_expires_at: null, thumbnail_url: null };
  const { result_url, url_expires_at, thumbnail_url } = view.result;
  return { result_url, url_expires_at, thumbnail_url };
}

function latest(dates: readonly (string | null)[]): string | null {
  return (
    dates
      .filter((date) => date !== null)
      .sort()
      .at(-1) ?? null
  );
}

/** Of what was read and, where jobs are open, of what is foretold. */
export function batchTag({ version, items }: BatchState, view: BatchView, form: string): string {
  const versions = items.map((item) => (item.kind === 'there' ? item.stored.version : item.kind));
  const hash = createHash('sha256')
    .update(JSON.stringify([version, ...versions]))
    .digest('base64url');
  const mark = outlookMark({ wait: view.wait, queue_position: null });
  const forms = [form, mark, ...new Set(view.jobs.map(signingMarkOf))]
    .filter((part) => part !== '')
    .join('-');
  return tagOf(hash.slice(0, 22), forms, view.counts.completed > 0);
}

function signingMarkOf({ job_id, status_url, result_url }: BatchJobView): string {
  return signingMark(result_url, linksFrom(new URL(status_url).origin, job_id));
}

/** When to ask again. A batch whose jobs are not recorded yet has nothing to foretell. */
export function comeBackHeader({ done, wait }: BatchView): { readonly 'Retry-After'?: string } {
  if (done) return {};
  return { 'Retry-After': String(wait ? comeBackSeconds(wait.estimated_seconds) : 1) };
}
