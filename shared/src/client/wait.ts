// Waiting until a job or a batch is done, by the best that the service has to offer.
import { type BatchView, batchViewSchema } from '../batch-wire.ts';
import { type StatusView, statusViewSchema } from '../wire.ts';
import { ask } from './calls.ts';
import { about, StyleTransferError, type StyleTransferErrorFacts } from './error.ts';
import { followJob } from './follow-job.ts';
import { type Pace, pollUntilDone } from './poll.ts';
import { sleep, withDeadline } from './retry.ts';
import type { TransportSettings } from './transport.ts';

const defaultTimeoutSeconds = 3600;
/** How long one look may be held back by the service. */
const longWaitSeconds = 50;
/** The same where somebody wants to see how it goes on, and there is no stream. */
const shortWaitSeconds = 5;

export interface WaitOptions<View = StatusView> {
  readonly signal?: AbortSignal | undefined;
  /** Called with every view that was read, the last one included. */
  readonly onProgress?: ((view: View) => void) | undefined;
  /** Default 3600. */
  readonly timeoutSeconds?: number | undefined;
  /** Pause between two looks where the service asks for none; by default it grows from 0.5 to 5 seconds. */
  readonly pollSeconds?: number | undefined;
  /** Pause before the first look; default none. */
  readonly firstPauseSeconds?: number | undefined;
}

/**
 * Resolves with the last view of a job as soon as it is `done`, whatever became of it: a failed job is data.
 * Status names are never looked at, so that one that this client does not know ends the wait as well. With
 * `onProgress` the job's event stream is read; without it, or where there is no stream, its status is.
 *
 * @throws StyleTransferError `wait_timeout` when the time is over (the job goes on), `aborted`, or what a poll throws.
 */
export function waitForJob(
  settings: TransportSettings,
  jobId: string,
  options: WaitOptions,
): Promise<StatusView> {
  const watch = async ({ signal, see, pace }: Watch<StatusView>) => {
    const seen = options.onProgress && (await followJob(settings, jobId, signal, see));
    if (seen) return seen;
    const request = { method: 'GET', path: `/api/status/${jobId}?include=none`, jobId, signal } as const;
    const polled = { request, schema: statusViewSchema, what: 'the state of a job' };
    return pollUntilDone(settings, polled, pace, see);
  };
  const lateFor = (job: StatusView | undefined) => ({ jobId, job });
  return about({ jobId }, () => waitFor({ name: `Job ${jobId}`, watch, lateFor }, options));
}

/**
 * The same for a batch, which has no stream. Its jobs may be many, and are left out of every view but the last: once the
 * batch is done it is asked for as a whole.
 */
export function waitForBatch(
  settings: TransportSettings,
  batchId: string,
  options: WaitOptions<BatchView>,
): Promise<BatchView> {
  const path = `/api/batch/${batchId}`;
  const kind = { schema: batchViewSchema, what: 'the state of a batch' };
  const watch = async ({ signal, see, pace }: Watch<BatchView>) => {
    const whole = { method: 'GET', path, batchId, signal } as const;
    const polled = { ...kind, request: { ...whole, path: `${path}?include=none` } };
    const ended = await pollUntilDone(settings, polled, pace, (view) => {
      if (!view.done) see(view);
    });
    // A service that knows nothing of leaving jobs out has told them.
    const last = ended.jobs.length > 0 ? ended : await ask(settings, kind.schema, kind.what, whole);
    see(last);
    return last;
  };
  const lateFor = () => ({ batchId });
  return about({ batchId }, () => waitFor({ name: `Batch ${batchId}`, watch, lateFor }, options));
}

interface Watch<View> {
  readonly signal: AbortSignal;
  readonly see: (view: View) => void;
  readonly pace: Pace;
}

interface Awaiting<View> {
  /** For the message. */
  readonly name: string;
  /** Resolves with the view that is done. */
  readonly watch: (watch: Watch<View>) => Promise<View>;
  /** What the error tells when the time is over, by the last view. */
  readonly lateFor: (last: View | undefined) => StyleTransferErrorFacts;
}

function waitFor<View extends { readonly status: string }>(
  { name, watch, lateFor }: Awaiting<View>,
  options: WaitOptions<View>,
): Promise<View> {
  checkWaitOptions(options);
  const { timeoutSeconds = defaultTimeoutSeconds, firstPauseSeconds = 0, pollSeconds, onProgress } = options;
  const endsAt = performance.now() + timeoutSeconds * 1000;
  const most = onProgress ? shortWaitSeconds : longWaitSeconds;
  const waitSeconds = () => Math.min(most, Math.max(0, (endsAt - performance.now()) / 1000));
  let last: View | undefined;
  const see = (view: View) => {
    last = view;
    onProgress?.(view);
  };
  const action = async (signal: AbortSignal): Promise<View> => {
    await sleep(firstPauseSeconds, signal);
    return watch({ signal, see, pace: { waitSeconds, pollSeconds } });
  };
  return withDeadline(timeoutSeconds, options.signal, action, (cause) => {
    const state = last ? `still ${last.status}` : 'not known to be done';
    const message = `${name} is ${state} after ${timeoutSeconds} seconds of waiting; it goes on and can be waited for again.`;
    return new StyleTransferError('wait_timeout', message, { ...lateFor(last), retryable: true, cause });
  });
}

/** Throws `invalid_argument` for times that make no sense. */
export function checkWaitOptions({
  timeoutSeconds,
  pollSeconds,
}: Pick<WaitOptions, 'timeoutSeconds' | 'pollSeconds'>): void {
  for (const [name, seconds] of Object.entries({ timeoutSeconds, pollSeconds })) {
    if (seconds === undefined || seconds > 0) continue;
    const message = `Expected a number of seconds greater than 0 for ${name}, received ${seconds}.`;
    throw new StyleTransferError('invalid_argument', message);
  }
}
