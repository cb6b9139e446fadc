// What each command does, given a client and a place to print; errors are thrown, not printed.

import type { TimeoutOptions } from './cli-options.ts';
import type { ProgressView } from './cli-progress.ts';
import { parametersFrom, type SubmitCommandOptions, sendingFrom } from './cli-submit-options.ts';
import { resultText, statusText } from './cli-text.ts';
import type { StyleTransferClient, Submission } from './client.ts';
import type { DeadLetterClient } from './dead-letter-client.ts';
import { StyleTransferError } from './error.ts';
import { checkOutputPath, formatOfFile, readImageFile, writeFileAtomically } from './image-files.ts';
import { checkParameters } from './job-request.ts';
import { requireResult } from './require-result.ts';

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

/** `impasto style`: submit, wait and download. */
export async function runStyle(
  context: CommandContext,
  paths: { content: string; style: string; result: string },
  options: SubmitCommandOptions & TimeoutOptions,
): Promise<void> {
  const { client, signal, progress } = context;
  const done = await client.processStyleTransfer({
    ...parametersFrom(options),
    ...sendingFrom(options, signal),
    contentImagePath: paths.content,
    styleImagePath: paths.style,
    outputPath: paths.result,
    timeoutSeconds: options.timeout,
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
  options: SubmitCommandOptions,
): Promise<void> {
  const parameters = parametersFrom(options);
  checkParameters(parameters);
  const contentImage = await readImageFile(paths.content, 'content');
  const styleImage = await readImageFile(paths.style, 'style');
  const request = { ...parameters, contentImage, styleImage };
  const receipt = await context.client.submit(request, sendingFrom(options, context.signal));
  context.progress.note(receipt.done ? `It is ${receipt.status}.` : waitHint(context, receipt));
  context.print(receipt.job_id, receipt);
}

function waitHint(
  { commandFor }: CommandContext,
  { job_id: id, estimated_wait_time: time }: Submission,
): string {
  return `Estimated wait: ${time}. Wait with: ${commandFor('wait')} ${id}`;
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
