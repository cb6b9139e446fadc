// StyleTransferClient: one method per thing that a caller can do, over any fetch; files are touched elsewhere.
import { type BatchView, batchViewSchema } from '../batch-wire.ts';
import {
  type DeliveryList,
  type DeliveryView,
  deliveryListSchema,
  deliveryViewSchema,
} from '../delivery-wire.ts';
import { type LimitsView, limitsViewSchema } from '../limits-wire.ts';
import {
  type JobList,
  type StatusView,
  type SubmissionReceipt,
  statusViewSchema,
  submissionReceiptSchema,
} from '../wire.ts';
import type { ServiceRequest } from './answer.ts';
import { type BatchResultsOptions, openBatchResults } from './batch-download.ts';
import { type BatchRequest, batchJson } from './batch-request.ts';
import { ask, checkedDeliveryId, checkedId, queryText, remove } from './calls.ts';
import { type CallOptions, type StyleTransferClientOptions, settingsFrom } from './client-options.ts';
import { downloadResult, type ResultImage } from './download.ts';
import { type JobRequest, submissionJson } from './job-request.ts';
import { type JobFilter, type JobQuery, listAllJobs, listJobs } from './list.ts';
import type { FileJob, FileJobResult } from './process-files.ts';
import { type SubmissionFacts, type SubmitOptions, submitJson } from './submit.ts';
import type { TransportSettings } from './transport.ts';
import { type WaitOptions, waitForBatch, waitForJob } from './wait.ts';

/** What the service said of a job that it took. */
export type Submission = SubmissionReceipt & SubmissionFacts;

/** What the service said of a batch that it took. */
export type BatchSubmission = BatchView & SubmissionFacts;

export interface BatchOptions extends CallOptions {
  /** `none` leaves out the list of its jobs; by default it is there. */
  readonly include?: 'jobs' | 'none' | undefined;
}

/**
 * A client of the style-transfer service. Every method throws `StyleTransferError`; once a job exists the error
 * carries its id. Every request is repeated on broken connections, 408, 429 and 5xx, at the pace that the service asks
 * for: submissions carry a key by which the service knows them again, and the rest does no more twice than once.
 */
export class StyleTransferClient {
  readonly #settings: TransportSettings;

  constructor(options: StyleTransferClientOptions = {}) {
    this.#settings = settingsFrom(options);
  }

  /** Sends both images and the parameters; resolves as soon as the job is queued, or with `waitSeconds` done. */
  async submit(request: JobRequest, options: SubmitOptions = {}): Promise<Submission> {
    const body = submissionJson(request);
    const sent = { path: '/api/style-transfer', body, schema: submissionReceiptSchema, what: 'a receipt' };
    return submitJson(this.#settings, sent, options);
  }

  /** The job as it is now, without the picture: `result()` fetches that. */
  async status(jobId: string, options: CallOptions = {}): Promise<StatusView> {
    const path = `/api/status/${checkedId(jobId, 'jobId')}?include=none`;
    return this.#job({ method: 'GET', path, jobId, ...options });
  }

  /** Resolves with the last view of a job as soon as it is done, whether or not it has a result. */
  async wait(jobId: string, options: WaitOptions = {}): Promise<StatusView> {
    return waitForJob(this.#settings, checkedId(jobId, 'jobId'), options);
  }

  /** The picture of a completed job. Until then the service answers `not_completed`. */
  async result(jobId: string, options: CallOptions = {}): Promise<ResultImage> {
    return downloadResult(this.#settings, checkedId(jobId, 'jobId'), options);
  }

  /**
   * Asks for the end of a job and resolves with the job as it is then: canceled where nobody had begun it, `canceling`
   * where somebody works on it, unchanged where it had ended.
   */
  async cancel(jobId: string, options: CallOptions = {}): Promise<StatusView> {
    return this.#job({ method: 'POST', path: `/api/cancel/${checkedId(jobId, 'jobId')}`, jobId, ...options });
  }

  /** Removes a job with its images and its result for good. One that is removed already is no error. */
  async delete(jobId: string, options: CallOptions = {}): Promise<void> {
    await remove(this.#settings, { path: `/api/jobs/${checkedId(jobId, 'jobId')}`, jobId, ...options });
  }

  /** One page of jobs, newest first; there are more as long as it has a `next_cursor`, even if it is empty. */
  async list(query: JobQuery = {}, options: CallOptions = {}): Promise<JobList> {
    return listJobs(this.#settings, query, options);
  }

  /** All jobs, newest first; each page is fetched when it is its turn. */
  listAll(filter: JobFilter = {}, options: CallOptions = {}): AsyncGenerator<StatusView, void> {
    return listAllJobs(this.#settings, filter, options);
  }

  /** Sends many pictures at once, each image once: every content in every style, or the pairs in `items`. */
  async submitBatch(request: BatchRequest, options: SubmitOptions = {}): Promise<BatchSubmission> {
    const body = batchJson(request);
    const sent = { path: '/api/style-transfer/batch', body, schema: batchViewSchema, what: 'a batch' };
    return submitJson(this.#settings, sent, options);
  }

  /** The batch as it is now, with each of its jobs in short. */
  async batch(batchId: string, { include, signal }: BatchOptions = {}): Promise<BatchView> {
    const path = batchPath(batchId) + queryText({ include });
    return this.#batch({ method: 'GET', path, batchId, signal });
  }

  /**
   * Resolves with the last view of a batch as soon as all of its jobs have ended, however they did. Views before the
   * last one have an empty list of jobs.
   */
  async waitBatch(batchId: string, options: WaitOptions<BatchView> = {}): Promise<BatchView> {
    return waitForBatch(this.#settings, checkedId(batchId, 'batchId'), options);
  }

  /** Asks for the end of every job that has not ended, and resolves with the batch as it is then. */
  async cancelBatch(batchId: string, options: CallOptions = {}): Promise<BatchView> {
    return this.#batch({ method: 'POST', path: `${batchPath(batchId)}/cancel`, batchId, ...options });
  }

  /** Removes a batch with all of its jobs. One that is removed already is no error. */
  async deleteBatch(batchId: string, options: CallOptions = {}): Promise<void> {
    await remove(this.#settings, { path: batchPath(batchId), batchId, ...options });
  }

  /**
   * The pictures of a batch as a ZIP file, piece by piece; `saveBatchResults` writes it to a file. Until the batch is
   * done the service answers `not_completed`, unless those that there are will do: `partial`.
   */
  async batchResults(batchId: string, options: BatchResultsOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    return openBatchResults(this.#settings, checkedId(batchId, 'batchId'), options);
  }

  /** The same into a file (Node only), written in one step. Resolves with its bytes. */
  async saveBatchResults(
    batchId: string,
    outputPath: string,
    options: BatchResultsOptions = {},
  ): Promise<number> {
    const { saveZip } = await import('./save-zip.ts');
    return saveZip(outputPath, () => this.batchResults(batchId, options));
  }

  /** What a job's receiver was sent, and what became of it. */
  async deliveries(jobId: string, options: CallOptions = {}): Promise<DeliveryList> {
    const request = { method: 'GET', path: deliveriesPath(jobId), jobId, ...options } as const;
    return ask(this.#settings, deliveryListSchema, 'a list of deliveries', request);
  }

  /** Sends what a receiver was to be sent once more, under the same `webhook-id`. */
  async redeliver(jobId: string, deliveryId: string, options: CallOptions = {}): Promise<DeliveryView> {
    const path = `${deliveriesPath(jobId)}/${checkedDeliveryId(deliveryId)}/redeliver`;
    return ask(this.#settings, deliveryViewSchema, 'a delivery', { method: 'POST', path, jobId, ...options });
  }

  /** What may be asked for. */
  async limits(options: CallOptions = {}): Promise<LimitsView> {
    const request = { method: 'GET', path: '/api/limits', ...options } as const;
    return ask(this.#settings, limitsViewSchema, 'the limits', request);
  }

  /**
   * The whole job from two image files to a result file (Node only): checks the files, submits, waits,
   * downloads, and writes the result in one step, so that a half-written file is never seen.
   */
  async processStyleTransfer(job: FileJob): Promise<FileJobResult> {
    const { processFiles } = await import('./process-files.ts');
    return processFiles(this, job);
  }

  #job(request: ServiceRequest): Promise<StatusView> {
    return ask(this.#settings, statusViewSchema, 'the state of a job', request);
  }

  #batch(request: ServiceRequest): Promise<BatchView> {
    return ask(this.#settings, batchViewSchema, 'the state of a batch', request);
  }
}

function batchPath(batchId: string): string {
  return `/api/batch/${checkedId(batchId, 'batchId')}`;
}

function deliveriesPath(jobId: string): string {
  return `/api/jobs/${checkedId(jobId, 'jobId')}/deliveries`;
}
