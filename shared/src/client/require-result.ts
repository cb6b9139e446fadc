// What a job that is done amounts to: a result, or an error that says why there is none.
import type { ResultView, StatusView } from '../wire.ts';
import { StyleTransferError } from './error.ts';

/** The view of a job that has a result. */
export type CompletedView = StatusView & { readonly result: ResultView };

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
