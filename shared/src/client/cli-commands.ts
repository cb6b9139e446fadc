// What each command does, given a client and a place to print; errors are thrown, not printed.

import type { StyleOptions, TimeoutOptions } from './cli-options.ts';
import type { ProgressView } from './cli-progress.ts';
import { resultText, statusText } from './cli-report.ts';
import type { StyleTransferClient } from './client.ts';
import type { DeadLetterClient } from './dead-letter-client.ts';
import { StyleTransferError } from './error.ts';
import { checkOutputPath, formatOfFile, readImageFile, writeFileAtomically } from './image-files.ts';
import { checkParameters, type StyleParameters } from './job-request.ts';
import { requireResult } from './wait.ts';

export interface CommandContext {
  readonly client: StyleTransferClient;
  readonly deadLetters: DeadLetterClient;
  readonly signal: AbortSignal;
  readonly progress: ProgressView;
  /** Prints the outcome on stdout: the text for people, or the document for `--json`. */
  readonly print: (text: string, document: object) => void;
  /** A command line that a person can paste, such as `impasto wait`. */
  readonly commandFor: (verb: string) => string;
  /** What the process is to end with although nothing went wrong with the command itself. */
  readonly endWith: (exitCode: number) => void;
}

function parametersFrom(options: StyleOptions): StyleParameters {
  const { prompt, format, quality, ...rest } = options;
  const { influence, creativity, maxSide, model, seed } = rest;
  return {
    influence,
    creativity,
    maxSide,
    model,
    seed,
    additionalPrompt: prompt,
    outputFormat: format,
    outputQuality: quality,
  };
}

/** `impasto style`: submit, wait and download. */
export async function runStyle(
  context: CommandContext,
  paths: { content: string; style: string; result: string },
  options: StyleOptions & TimeoutOptions,
): Promise<void> {
  const { client, signal, progress } = context;
  const done = await client.processStyleTransfer({
    ...parametersFrom(options),
    contentImagePath: paths.content,
    styleImagePath: paths.style,
    outputPath: paths.result,
    timeoutSeconds: options.timeout,
    signal,
    onSubmitted: (jobId) => progress.note(`Job ${jobId} is queued.`),
    onProgress: progress.show,
  });
  progress.stop();
  context.print(`${done.outputPath}: ${resultText(done.job.result)}`, {
    job_id: done.jobId,
    output_path: done.outputPath,
    bytes: done.bytes,
    content_type: done.contentType,
    job: done.job,
  });
}

/** `impasto submit`: prints the id and leaves. */
export async function runSubmit(
  context: CommandContext,
  paths: { content: string; style: string },
  options: StyleOptions,
): Promise<void> {
  const parameters = parametersFrom(options);
  checkParameters(parameters);
  const contentImage = await readImageFile(paths.content, 'content');
  const styleImage = await readImageFile(paths.style, 'style');
  const receipt = await context.client.submit({ ...parameters, contentImage, styleImage }, context);
  const next = `${context.commandFor('wait')} ${receipt.job_id}`;
  context.progress.note(`Estimated wait: ${receipt.estimated_wait_time}. Wait with: ${next}`);
  context.print(receipt.job_id, receipt);
}

/** `impasto status`: the job as it is; that it failed is an answer here, not an error. */
export async function runStatus(context: CommandContext, jobId: string): Promise<void> {
  const view = await context.client.status(jobId, context);
  context.print(statusText(view), view);
}

/** `impasto wait`: until the job is done; without a result it throws. */
export async function runWait(
  context: CommandContext,
  jobId: string,
  options: TimeoutOptions,
): Promise<void> {
  const { client, signal, progress } = context;
  const wait = { signal, onProgress: progress.show, timeoutSeconds: options.timeout };
  const view = requireResult(await client.wait(jobId, wait));
  progress.stop();
  context.print(statusText(view), view);
}

/** `impasto result`: writes the picture of a completed job. */
export async function runResult(context: CommandContext, jobId: string, path: string): Promise<void> {
  formatOfFile(path);
  await checkOutputPath(path);
  const { bytes, contentType } = await context.client.result(jobId, context);
  const named = formatOfFile(path);
  if (named !== undefined && contentType !== `image/${named}`) {
    const message = `Expected a file name for ${contentType}, received "${path}".`;
    throw new StyleTransferError('invalid_argument', message, { jobId });
  }
  await writeFileAtomically(path, bytes);
  const document = { job_id: jobId, output_path: path, bytes: bytes.length, content_type: contentType };
  context.print(`${path}: ${bytes.length} bytes of ${contentType}`, document);
}
