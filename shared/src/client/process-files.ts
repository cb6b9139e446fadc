// The whole job from files to file: check, submit, wait, download, write.
import type { StyleTransferClient } from './client.ts';
import { about, StyleTransferError } from './error.ts';
import { checkOutputPath, chooseFormat, readImageFile, writeFileAtomically } from './image-files.ts';
import { checkParameters, type HandlingParameters, type StyleParameters } from './job-request.ts';
import { type CompletedView, requireResult } from './require-result.ts';
import type { SubmitOptions } from './submit.ts';
import { checkWaitOptions, type WaitOptions } from './wait.ts';

export interface FileJob extends StyleParameters, HandlingParameters, SubmitOptions, WaitOptions {
  readonly contentImagePath: string;
  readonly styleImagePath: string;
  /** Its ending (.png, .jpg, .jpeg, .webp) chooses `outputFormat`; an existing file is replaced. */
  readonly outputPath: string;
  /** Called as soon as the job exists: the place to keep its id. */
  readonly onSubmitted?: ((jobId: string) => void) | undefined;
}

export interface FileJobResult {
  readonly jobId: string;
  readonly outputPath: string;
  readonly bytes: number;
  readonly contentType: string;
  /** The last view of the job, with sizes, timings and what became of the prompt. */
  readonly job: CompletedView;
}

export async function processFiles(client: StyleTransferClient, job: FileJob): Promise<FileJobResult> {
  const outputFormat = chooseFormat(job.outputPath, job.outputFormat);
  checkParameters({ ...job, outputFormat });
  checkWaitOptions(job);
  const contentImage = await readImageFile(job.contentImagePath, 'contentImagePath');
  const styleImage = await readImageFile(job.styleImagePath, 'styleImagePath');
  await checkOutputPath(job.outputPath, [job.contentImagePath, job.styleImagePath]);
  const { job_id: jobId } = await client.submit({ ...job, outputFormat, contentImage, styleImage }, job);
  return about({ jobId }, async () => {
    job.onSubmitted?.(jobId);
    const view = requireResult(await client.wait(jobId, job));
    const saved = await saveResult(client, view, job.outputPath, job.signal);
    return { jobId, outputPath: job.outputPath, ...saved, job: view };
  });
}

/** Downloads the picture of a completed job and writes it; the length must be the one that the job tells. */
async function saveResult(
  client: StyleTransferClient,
  view: CompletedView,
  outputPath: string,
  signal: AbortSignal | undefined,
): Promise<Pick<FileJobResult, 'bytes' | 'contentType'>> {
  const { job_id: jobId, result } = view;
  const { bytes, contentType } = await client.result(jobId, { signal });
  if (bytes.length !== result.bytes) {
    const message = `Expected ${result.bytes} bytes for the result of job ${jobId}, received ${bytes.length}.`;
    throw new StyleTransferError('unexpected_answer', message, { jobId, job: view, retryable: true });
  }
  await writeFileAtomically(outputPath, bytes);
  return { bytes: bytes.length, contentType };
}
