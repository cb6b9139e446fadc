// What the commands do that look after jobs: cancel, delete, list, deliveries, redeliver, limits.
import { limits } from '../submission.ts';
import type { StatusView } from '../wire.ts';
import type { CommandContext } from './cli-commands.ts';
import { confirm, terminal } from './cli-confirm.ts';
import { deliveriesText, listText, statusText, tableText, words } from './cli-text.ts';
import { StyleTransferError } from './error.ts';
import type { JobFilter } from './list.ts';

export interface DeleteOptions {
  readonly yes?: true;
}

export interface ListOptions {
  readonly status?: string;
  readonly model?: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly batch?: string;
  readonly limit: number;
}

/** `impasto cancel`: prints the job as it is then; one that had ended is an answer too. */
export async function runCancel(context: CommandContext, jobId: string): Promise<void> {
  const view = await context.client.cancel(jobId, context);
  context.print(statusText(view), view);
}

/** `impasto delete`: asks first. */
export async function runDelete(
  context: CommandContext,
  jobId: string,
  { yes }: DeleteOptions,
): Promise<void> {
  const question = `Remove job ${jobId} with its pictures for good?`;
  if (!yes) await confirm(question, terminal(context.signal));
  await context.client.delete(jobId, context);
  context.print(`${jobId} removed`, { job_id: jobId, removed: true });
}

/** `impasto list`: newest first, page by page until there are enough. */
export async function runListJobs(context: CommandContext, options: ListOptions): Promise<void> {
  const { status, model, tag: tags, batch: batchId, limit } = options;
  if (limit < 1) {
    throw new StyleTransferError('invalid_argument', `Expected 1 or more for --limit, received ${limit}.`);
  }
  const { jobs, cursor } = await firstJobs(context, { status, model, tags, batchId }, limit);
  if (cursor !== null) context.progress.note('There are more: --limit shows them.');
  context.print(listText(jobs), { jobs, next_cursor: cursor });
}

async function firstJobs(context: CommandContext, filter: JobFilter, limit: number) {
  const jobs: StatusView[] = [];
  let cursor: string | null | undefined;
  do {
    const most = Math.min(limit - jobs.length, limits.maxListedJobs);
    const query = { ...filter, limit: most, cursor: cursor ?? undefined };
    const page = await context.client.list(query, context);
    jobs.push(...page.jobs);
    cursor = page.next_cursor;
  } while (cursor !== null && jobs.length < limit);
  return { jobs, cursor };
}

/** `impasto deliveries`: what the job's receiver was sent. */
export async function runDeliveries(context: CommandContext, jobId: string): Promise<void> {
  const list = await context.client.deliveries(jobId, context);
  context.print(deliveriesText(list), list);
}

/** `impasto redeliver`: once more, whatever became of it before. */
export async function runRedeliver(
  context: CommandContext,
  jobId: string,
  deliveryId: string,
): Promise<void> {
  const delivery = await context.client.redeliver(jobId, deliveryId, context);
  context.print(deliveriesText({ job_id: jobId, deliveries: [delivery] }), delivery);
}

/** `impasto limits`. */
export async function runLimits(context: CommandContext): Promise<void> {
  const view = await context.client.limits(context);
  const { models, ...rest } = view;
  const named = models.map(({ name, version }) => (version === null ? name : `${name}@${version}`));
  const rows = Object.entries({ ...rest, models: named }).map(([name, value]) => {
    return [words(name), Array.isArray(value) ? value.join(', ') : String(value)];
  });
  context.print(tableText(rows), view);
}
