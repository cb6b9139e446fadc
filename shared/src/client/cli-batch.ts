// What the commands `impasto batch ...` do.
import type { BatchView } from '../batch-wire.ts';
import type { CommandContext } from './cli-commands.ts';
import { confirm, terminal } from './cli-confirm.ts';
import type { DeleteOptions } from './cli-job-commands.ts';
import type { TimeoutOptions } from './cli-options.ts';
import type { Progressing } from './cli-progress.ts';
import { exitCodes } from './cli-report.ts';
import { parametersFrom, type SubmitCommandOptions, sendingFrom } from './cli-submit-options.ts';
import { outlookText, sizeText, tableText, words } from './cli-text.ts';
import { readImageFile } from './image-files.ts';
import { checkParameters } from './job-request.ts';

export interface BatchSubmitOptions extends SubmitCommandOptions {
  readonly content: readonly string[];
  readonly style: readonly string[];
}

export interface BatchStatusOptions {
  readonly jobs: boolean;
}

export interface BatchResultsCommandOptions {
  readonly partial?: true;
}

/** `impasto batch submit`: every content in every style; prints the id and leaves. */
export async function runBatchSubmit(context: CommandContext, options: BatchSubmitOptions): Promise<void> {
  const parameters = parametersFrom(options);
  checkParameters(parameters);
  const contentImages = await readAll(options.content, 'content');
  const styleImages = await readAll(options.style, 'style');
  const request = { ...parameters, contentImages, styleImages };
  const batch = await context.client.submitBatch(request, sendingFrom(options, context.signal));
  const { batch_id: id, counts } = batch;
  context.progress.note(`${counts.total} jobs. Wait with: ${context.commandFor('batch wait')} ${id}`);
  context.print(id, batch);
}

async function readAll(paths: readonly string[], name: string): Promise<Uint8Array[]> {
  const images: Uint8Array[] = [];
  for (const path of paths) images.push(await readImageFile(path, name));
  return images;
}

/** `impasto batch status`. */
export async function runBatchStatus(
  { client, signal, print }: CommandContext,
  batchId: string,
  { jobs }: BatchStatusOptions,
): Promise<void> {
  const view = await client.batch(batchId, { include: jobs ? undefined : 'none', signal });
  print(batchText(view), view);
}

/** `impasto batch wait`: ends with 1 unless every picture was painted. */
export async function runBatchWait(
  context: CommandContext,
  batchId: string,
  { timeout: timeoutSeconds }: TimeoutOptions,
): Promise<void> {
  const { client, signal, progress } = context;
  const onProgress = (view: BatchView) => progress.show(progressOf(view));
  const view = await client.waitBatch(batchId, { signal, timeoutSeconds, onProgress });
  progress.stop();
  context.print(batchText(view), view);
  if (view.status !== 'completed') context.endWith(exitCodes.failed);
}

function progressOf({ status, done, counts, progress, wait }: BatchView): Progressing {
  const ended = counts.total - counts.queued - counts.processing;
  const phase = done ? 'done' : `${ended} of ${counts.total} done`;
  return { status, phase, progress, attempt: 1, queue_position: null, wait };
}

/** `impasto batch cancel`. */
export async function runBatchCancel(context: CommandContext, batchId: string): Promise<void> {
  const view = await context.client.cancelBatch(batchId, context);
  context.print(batchText(view), view);
}

/** `impasto batch results`: writes a ZIP file of the pictures that there are. */
export async function runBatchResults(
  { client, signal, print }: CommandContext,
  batchId: string,
  path: string,
  { partial }: BatchResultsCommandOptions,
): Promise<void> {
  const bytes = await client.saveBatchResults(batchId, path, { partial, signal });
  const document = { batch_id: batchId, output_path: path, bytes, content_type: 'application/zip' };
  print(`${path}: ${sizeText(bytes)}`, document);
}

/** `impasto batch delete`: asks first. */
export async function runBatchDelete(
  context: CommandContext,
  batchId: string,
  { yes }: DeleteOptions,
): Promise<void> {
  const question = `Remove batch ${batchId} with all of its jobs and pictures for good?`;
  if (!yes) await confirm(question, terminal(context.signal));
  await context.client.deleteBatch(batchId, context);
  context.print(`${batchId} removed`, { batch_id: batchId, removed: true });
}

function batchText(view: BatchView): string {
  const { total, ...counts } = view.counts;
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  const summary = parts.map(([status, count]) => `${count} ${status}`).join(', ');
  const rows = view.jobs.map((job) => {
    const state = job.done || job.phase === job.status ? job.status : `${job.status}: ${words(job.phase)}`;
    const place = `content ${job.content}, style ${job.style}`;
    return [String(job.index), job.job_id, place, state, job.error ? `(${job.error.code})` : ''];
  });
  const lines = [`${view.batch_id} ${words(view.status)}`, `  ${total} jobs: ${summary}`];
  if (view.wait) lines.push(`  ${outlookText({ queue_position: null, wait: view.wait })}`);
  if (view.expires_at) lines.push(`  kept until ${view.expires_at}`);
  if (rows.length > 0) lines.push(tableText(rows).replaceAll(/^/gm, '  '));
  return lines.join('\n');
}
