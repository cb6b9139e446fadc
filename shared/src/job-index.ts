// Names in the index of jobs: listed in their order, the newest job comes first.
import type { Job } from './job.ts';

/** Thirteen digits of milliseconds reach the year 2286. */
const endOfTimeMs = 9_999_999_999_999;

export function indexNameOf({ jobId, createdAt }: Pick<Job, 'jobId' | 'createdAt'>): string {
  const untilEndMs = endOfTimeMs - Date.parse(createdAt);
  return `${String(untilEndMs).padStart(13, '0')}-${jobId}`;
}

/** @returns undefined for a name that is none of ours. */
export function jobIdInIndexName(name: string): string | undefined {
  return /^\d{13}-(.{36})$/.exec(name)?.[1];
}
