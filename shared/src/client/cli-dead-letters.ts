// What the commands `impasto dead-letters ...` do.
import {
  type BulkPurge,
  type DeadLetterItem,
  type DeadLetterView,
  deadLetterLimits,
} from '../dead-letter-wire.ts';
import type { CommandContext } from './cli-commands.ts';
import { confirm, terminal } from './cli-confirm.ts';
import { exitCodes } from './cli-report.ts';
import { statusText } from './cli-text.ts';
import type { DeadLetterQuery, DeadLetterSelection } from './dead-letter-client.ts';
import { StyleTransferError } from './error.ts';

export interface ListOptions {
  readonly reason?: string;
  readonly state: NonNullable<DeadLetterQuery['state']>;
  readonly limit: number;
}

export interface SelectionOptions {
  readonly reason?: string;
  readonly all?: true;
}

export interface PurgeOptions extends SelectionOptions {
  readonly yes?: true;
}

/** `impasto dead-letters list`: page by page until there are enough. */
export async function runList(context: CommandContext, { limit, ...query }: ListOptions): Promise<void> {
  if (limit < 1) throw usage(`Expected 1 or more for --limit, received ${limit}.`);
  const items: DeadLetterItem[] = [];
  let cursor: string | null | undefined;
  do {
    const most = Math.min(limit - items.length, deadLetterLimits.page);
    const page = await context.deadLetters.list(
      { ...query, limit: most, cursor: cursor ?? undefined },
      context,
    );
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && items.length < limit);
  if (cursor !== null) context.progress.note('There may be more: --limit shows them.');
  const text = items.length === 0 ? 'no dead letters' : items.map(itemText).join('\n');
  context.print(text, { items, next_cursor: cursor });
}

/** `impasto dead-letters show`. */
export async function runShow(context: CommandContext, id: string): Promise<void> {
  const view = await context.deadLetters.get(id, context);
  context.print(letterText(view, context.commandFor), view);
}

/** `impasto dead-letters replay`: one job, or as many as there are. */
export async function runReplay(
  context: CommandContext,
  id: string | undefined,
  options: SelectionOptions,
): Promise<void> {
  const { deadLetters, progress } = context;
  const selected = selectionOf(id, options);
  if (typeof selected === 'string') {
    const view = await deadLetters.replay(selected, context);
    progress.note(`Wait for it with: ${context.commandFor('wait')} ${view.job_id}`);
    context.print(statusText(view), view);
    return;
  }
  await runBulk(context, selected, 'replayed', async (page) => {
    const { replayed: done, ...rest } = await deadLetters.replayMany(page, context);
    return { done, ...rest };
  });
}

/** `impasto dead-letters purge`: one letter, or as many as there are; asks first. */
export async function runPurge(
  context: CommandContext,
  id: string | undefined,
  options: PurgeOptions,
): Promise<void> {
  const { deadLetters, signal } = context;
  const selected = selectionOf(id, options);
  if (!options.yes) await confirm(purgeQuestion(selected), terminal(signal));
  if (typeof selected === 'string') {
    await deadLetters.purge(selected, context);
    context.print(`${selected} purged`, { purged: 1, skipped: [] });
    return;
  }
  await runBulk(context, selected, 'purged', async (page) => {
    const { purged: done, ...rest } = await deadLetters.purgeMany(page, context);
    return { done, ...rest };
  });
}

function purgeQuestion(selected: string | DeadLetterSelection): string {
  if (typeof selected === 'string')
    return `Purge the dead letter ${selected}, and the images of its job for good?`;
  const which = selected.all ? 'all open dead letters' : `the open dead letters of ${selected.reason}`;
  return `Purge ${which}, and the images of their jobs for good?`;
}

/** Exactly one of the three ways to say what is meant. */
function selectionOf(
  id: string | undefined,
  { reason, all }: SelectionOptions,
): string | DeadLetterSelection {
  if ([id, reason, all].filter((given) => given !== undefined).length === 1) {
    if (id !== undefined) return id;
    return reason === undefined ? { all: true } : { reason };
  }
  throw usage('Expected one of an id, --reason and --all.');
}

function usage(message: string): StyleTransferError {
  return new StyleTransferError('invalid_argument', message);
}

type BulkPage = Omit<BulkPurge, 'purged'> & { readonly done: number };

/** Ends with 1 where anything was skipped. */
async function runBulk(
  { print, progress, endWith }: CommandContext,
  selection: DeadLetterSelection,
  verb: 'replayed' | 'purged',
  call: (page: DeadLetterSelection) => Promise<BulkPage>,
): Promise<void> {
  const skipped: BulkPurge['skipped'] = [];
  let done = 0;
  let cursor: string | undefined;
  do {
    const page = await call({ ...selection, ...(cursor !== undefined && { cursor }) });
    done += page.done;
    skipped.push(...page.skipped);
    cursor = page.next_cursor ?? undefined;
    if (cursor !== undefined) progress.note(`${done} ${verb} so far`);
  } while (cursor !== undefined);
  const lines = skipped.map(({ id, detail }) => `  skipped ${id}: ${detail}`);
  const count = skipped.length > 0 ? `${done} ${verb}, ${skipped.length} skipped` : `${done} ${verb}`;
  print([count, ...lines].join('\n'), { [verb]: done, skipped });
  if (skipped.length > 0) endWith(exitCodes.failed);
}

const idWidth = `message-${'0'.repeat(32)}`.length;

function itemText({ id, state, reason, failed_at, replays }: DeadLetterItem): string {
  const again = replays ? `, replay ${replays}` : '';
  return `${id.padEnd(idWidth)}  ${state.padEnd(8)}  ${failed_at}  ${reason}${again}`;
}

function letterText(view: DeadLetterView, commandFor: CommandContext['commandFor']): string {
  const lines = [`${view.id} ${view.state}`, `  ${view.message} (${view.reason})`];
  lines.push(`  failed  ${view.failed_at}`);
  if (view.attempt !== null) lines.push(`  attempt ${view.attempt} of replay ${view.replays ?? 0}`);
  // Whatever came in over the queue: quoted, so that it cannot steer the terminal.
  if (view.text !== null) lines.push(`  text    ${JSON.stringify(view.text)}`);
  const replay = `replay with: ${commandFor('dead-letters replay')} ${view.id}`;
  lines.push(view.replayable ? `  ${replay}` : `  not replayable: ${view.not_replayable_because}`);
  return lines.join('\n');
}
