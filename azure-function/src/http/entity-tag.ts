// Conditional requests (RFC 9110, 13): who has the newest already is told so, and sent nothing.
import type { HttpRequest } from '@azure/functions';
import { JobError, type JobLinks, type StoredJob } from '@impasto/shared';
import { signedSeconds } from '../jobs/job-view.ts';

/** Whether the caller has what this tag stands for; weak and strong tags compare alike. */
export function hasAlready(request: HttpRequest, etag: string): boolean {
  const asked = request.headers.get('if-none-match') ?? '';
  return asked.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*');
}

/**
 * For `If-Match`, which asks for this very thing or nothing; a weak tag stands for no particular bytes.
 * @throws JobError `precondition_failed`.
 */
export function assertMatches(request: HttpRequest, etag: string): void {
  const asked = request.headers.get('if-match');
  if (asked === null || asked.split(',').some((one) => [etag, '*'].includes(one.trim()))) return;
  throw new JobError(
    'precondition_failed',
    'Expected a tag in If-Match that is the one of today, received others',
  );
}

/** What a caller of ours can count on an address for, from the moment it is told that nothing has changed. */
const leastSeconds = 10 * 60;

/**
 * The tag of a job's view. The record of a completed job stays as it is for days, but the addresses in its view end: a
 * tag of the record alone would tell a caller again and again to keep addresses that open nothing any more. So it also
 * names a span of time, as long as an address lasts but for ten minutes: with "not changed" each still has these. A view
 * that nobody could sign has a tag of its own (`unsigned`), so that who has it gets the addresses once there are some.
 * @param form which of the views of the job it is, such as `none` for the one without the picture.
 */
export function viewTag({ job, version }: StoredJob, form = '', now = Date.now()): string {
  return tagOf(version, form, job.status === 'completed', now);
}

/** @param hasAddresses whether there are signed addresses in the view. */
export function tagOf(version: string, form: string, hasAddresses: boolean, now = Date.now()): string {
  const span = Math.floor(now / 1000 / (signedSeconds - leastSeconds));
  const parts = [version, form, hasAddresses ? span.toString(36) : ''];
  return `"${parts.filter((part) => part !== '').join('-')}"`;
}

/** Part of the form of a view in which the address of the API stands for one that nobody could sign. */
export function signingMark(resultUrl: string | null | undefined, links: Pick<JobLinks, 'result'>): string {
  return resultUrl === links.result ? 'unsigned' : '';
}
