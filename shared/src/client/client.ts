// StyleTransferClient: one method per thing that a caller can do, over any fetch; files are touched elsewhere.
import { z } from 'zod';
import {
  type StatusView,
  type SubmissionReceipt,
  statusViewSchema,
  submissionReceiptSchema,
} from '../wire.ts';
import { readJson, type ServiceRequest } from './answer.ts';
import { type CallOptions, type StyleTransferClientOptions, settingsFrom } from './client-options.ts';
import { StyleTransferError } from './error.ts';
import { type JobRequest, submissionJson } from './job-request.ts';
import type { FileJob, FileJobResult } from './process-files.ts';
import { retryAfterSeconds } from './retry.ts';
import { send, type TransportSettings } from './transport.ts';
import { type Poll, type WaitOptions, waitUntilDone } from './wait.ts';

export interface ResultImage {
  readonly bytes: Uint8Array;
  /** Such as `image/png`. */
  readonly contentType: string;
}

/** What the service said of a job that it took. */
export type Submission = SubmissionReceipt & {
  /** How long the service asks to wait before the first look at the job. */
  readonly retry_after_seconds?: number | undefined;
};

/**
 * A client of the style-transfer service. Every method throws `StyleTransferError`; once a job exists the error
 * carries its id. Reads are repeated on broken connections, 408, 429 and 5xx; a submission only where it
 * cannot have been applied.
 */
export class StyleTransferClient {
  readonly #settings: TransportSettings;

  constructor(options: StyleTransferClientOptions = {}) {
    this.#settings = settingsFrom(options);
  }

  /** Sends both images and the parameters; resolves as soon as the job is queued. */
  async submit(request: JobRequest, options: CallOptions = {}): Promise<Submission> {
    const body = submissionJson(request);
    const sent: ServiceRequest = {
      method: 'POST',
      path: '/api/style-transfer',
      body,
      signal: options.signal,
    };
    const answer = await send(this.#settings, sent);
    const receipt = readJson(submissionReceiptSchema, 'a receipt', sent, answer);
    return { ...receipt, retry_after_seconds: retryAfterSeconds(answer.headers) };
  }

  /** The job as it is now, without the picture: `result()` fetches that. */
  async status(jobId: string, options: CallOptions = {}): Promise<StatusView> {
    return (await this.#poll(jobId, options.signal)).view;
  }

  /** Polls until the job is done and resolves with its last view, whether or not it has a result. */
  wait(jobId: string, options: WaitOptions = {}): Promise<StatusView> {
    return waitUntilDone((id, signal) => this.#poll(id, signal), checkedJobId(jobId), options);
  }

  /** The picture of a completed job. Until then the service answers `not_completed`. */
  async result(jobId: string, options: CallOptions = {}): Promise<ResultImage> {
    const request = this.#read(`/api/result/${checkedJobId(jobId)}`, jobId, options.signal);
    const { bytes, headers, url } = await send(this.#settings, request);
    const contentType = headers.get('content-type') ?? '';
    if (contentType.startsWith('image/') && bytes.length > 0) return { bytes, contentType };
    const message = `Expected an image from GET ${url}, received ${bytes.length} bytes of ${contentType || 'unknown type'}.`;
    throw new StyleTransferError('unexpected_answer', message, { jobId });
  }

  /**
   * The whole job from two image files to a result file (Node only): checks the files, submits, waits,
   * downloads, and writes the result in one step, so that a half-written file is never seen.
   */
  async processStyleTransfer(job: FileJob): Promise<FileJobResult> {
    const { processFiles } = await import('./process-files.ts');
    return processFiles(this, job);
  }

  async #poll(jobId: string, signal: AbortSignal | undefined): Promise<Poll> {
    const request = this.#read(`/api/status/${checkedJobId(jobId)}?include=none`, jobId, signal);
    const answer = await send(this.#settings, request);
    const view = readJson(statusViewSchema, 'the state of a job', request, answer);
    return { view, retryAfterSeconds: retryAfterSeconds(answer.headers) };
  }

  #read(path: string, jobId: string, signal: AbortSignal | undefined): ServiceRequest {
    return { method: 'GET', path, jobId, signal };
  }
}

function checkedJobId(jobId: string): string {
  if (z.uuid().safeParse(jobId).success) return jobId;
  throw new StyleTransferError('invalid_argument', `Expected a UUID for jobId, received "${jobId}".`);
}
