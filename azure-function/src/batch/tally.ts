// What a batch is, from what its jobs are: counts, progress, and one word for all of them.
import type { BatchStatus, BatchView } from '@impasto/shared';

/** A job of a batch; one that is `gone` was removed, and counts for nothing but the total. */
export interface Counted {
  readonly status: string;
  readonly done: boolean;
  /** 0 to 1. */
  readonly progress: number;
}

export type Tally = Pick<BatchView, 'done' | 'counts' | 'progress'> & { readonly status: BatchStatus };

export function tally(jobs: readonly Counted[]): Tally {
  const counts = countsOf(jobs);
  const done = jobs.every((job) => job.done);
  return { counts, done, progress: progressOf(jobs), status: done ? endOf(counts) : stageOf(counts) };
}

function countsOf(jobs: readonly Counted[]): BatchView['counts'] {
  const counted = (status: string) => jobs.filter((job) => job.status === status).length;
  return {
    total: jobs.length,
    queued: counted('queued'),
    processing: counted('processing'),
    completed: counted('completed'),
    failed: counted('failed'),
    canceled: counted('canceled'),
    expired: counted('expired'),
  };
}

/** The mean of all that are there. A job that has ended, however it did, has nothing more to do. */
function progressOf(jobs: readonly Counted[]): number {
  const there = jobs.filter(({ status }) => status !== 'gone');
  if (there.length === 0) return 1;
  const sum = there.reduce((before, { done, progress }) => before + (done ? 1 : progress), 0);
  return Math.round((sum / there.length) * 1000) / 1000;
}

function stageOf({ processing, completed, failed, canceled, expired }: BatchView['counts']): BatchStatus {
  return processing + completed + failed + canceled + expired === 0 ? 'queued' : 'processing';
}

function endOf({ completed, failed, canceled, expired }: BatchView['counts']): BatchStatus {
  const missed = failed + expired;
  if (completed > 0) return missed + canceled === 0 ? 'completed' : 'partially_completed';
  return missed > 0 ? 'failed' : 'canceled';
}
