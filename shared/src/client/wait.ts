// Polling one job until it is done, at the pace that the service asks for.
import type { ResultView, StatusView } from '../wire.ts';
import { StyleTransferError, withJobId } from './error.ts';
import { sleep, withDeadline } from './retry.ts';

const firstPollSeconds = 0.5;
const longestPollSeconds = 5;
const defaultTimeoutSeconds = 3600;

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with every view that was read, the last one included. */
  readonly onProgress?: ((view: StatusView) => void) | undefined;
  /** Default 3600. */
  readonly timeoutSeconds?: number | undefined;
  /** Pause between two polls where the service asks for none; by default it grows from 0.5 to 5 seconds. */
  readonly pollSeconds?: number | undefined;
  /** Pause before the first poll; a receipt's `retry_after_seconds` belongs here. Default none. */
  readonly firstPauseSeconds?: number | undefined;
}

export interface Poll {
  readonly view: StatusView;
  readonly retryAfterSeconds: number | undefined;
}

/** The view of a job that has a result. */
export type CompletedView = StatusView & { readonly result: ResultView };

type ReadStatus = (jobId: string, signal: AbortSignal) => Promise<Poll>;

/**
 * Resolves with the last view of a job as soon as it is `done`, whatever became of it: a failed job is data.
 * Status names are never looked at, so that one that this client does not know ends the wait as well.
 *
 * @throws StyleTransferError `wait_timeout` when the time is over (the job goes on), `aborted`, or what a poll throws.
 */
export function waitUntilDone(read: ReadStatus, jobId: string, options: WaitOptions): Promise<StatusView> {
  checkWaitOptions(options);
  const { timeoutSeconds = defaultTimeoutSeconds, pollSeconds } = options;
  let last: StatusView | undefined;
  const poll = async (signal: AbortSignal): Promise<StatusView> => {
    await sleep(options.firstPauseSeconds ?? 0, signal);
    for (let polls = 0; ; polls++) {
      const { view, retryAfterSeconds } = await pollOrPause(read, jobId, signal);
      if (view) {
        last = view;
        options.onProgress?.(view);
        if (view.done) return view;
      }
      // Retry-After: 0 would be a busy loop.
      await sleep(Math.max(retryAfterSeconds ?? pollSeconds ?? pollPause(polls), 0.1), signal);
    }
  };
  const timedOut = (cause: unknown) => waitTimeout(jobId, timeoutSeconds, last, cause);
  return withJobId(jobId, () => withDeadline(timeoutSeconds, options.signal, poll, timedOut));
}

/** A service that is busy for long says for how long; within the wait's own limit that is a pause, no failure. */
async function pollOrPause(
  read: ReadStatus,
  jobId: string,
  signal: AbortSignal,
): Promise<{ view?: StatusView; retryAfterSeconds: number | undefined }> {
  try {
    return await read(jobId, signal);
  } catch (thrown) {
    const busy = thrown instanceof StyleTransferError && (thrown.status === 429 || thrown.status === 503);
    if (!busy || !thrown.retryable || thrown.retryAfterSeconds === undefined) throw thrown;
    return { retryAfterSeconds: Math.max(thrown.retryAfterSeconds, 1) };
  }
}

/** Grows by half each time; jitter keeps many clients from polling in step. */
function pollPause(polls: number): number {
  return Math.min(firstPollSeconds * 1.5 ** polls, longestPollSeconds) * (0.8 + 0.4 * Math.random());
}

/** Throws `invalid_argument` for times that make no sense. */
export function checkWaitOptions({ timeoutSeconds, pollSeconds }: WaitOptions): void {
  for (const [name, seconds] of Object.entries({ timeoutSeconds, pollSeconds })) {
    if (seconds === undefined || seconds > 0) continue;
    const message = `Expected a number of seconds greater than 0 for ${name}, received ${seconds}.`;
    throw new StyleTransferError('invalid_argument', message);
  }
}

function waitTimeout(jobId: string, seconds: number, job: StatusView | undefined, cause: unknown) {
  const state = job ? `still ${job.status}` : 'not known to be done';
  const message = `Job ${jobId} is ${state} after ${seconds} seconds of waiting; it goes on and can be waited for again.`;
  return new StyleTransferError('wait_timeout', message, { jobId, job, retryable: true, cause });
}

/** Throws the error that a job without a result amounts to; a job that has one is given back. */
export function requireResult(view: StatusView): CompletedView {
  const { job_id: jobId, result, error, status } = view;
  if (result) return { ...view, result };
  const facts = { jobId, job: view, retryable: error?.retryable };
  if (!view.done) throw new StyleTransferError('not_completed', `Job ${jobId} is still ${status}.`, facts);
  if (error) {
    throw new StyleTransferError(
      'job_failed',
      `Job ${jobId} failed: ${error.message} (${error.code})`,
      facts,
    );
  }
  const code = status === 'canceled' || status === 'expired' ? (`job_${status}` as const) : 'job_ended';
  throw new StyleTransferError(code, `Job ${jobId} ended as ${status}, without a result.`, facts);
}
