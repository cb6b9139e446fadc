// `impasto check`: what the storage holds, against what the service promises, in words for an operator. Reads only.

import type { CheckReport, ForetoldWaits, Invariant, Violation } from '../check/index.ts';
import { checkInvariants } from '../check/index.ts';
import { JobError, messageOf } from '../errors.ts';
import type { CommandContext } from './cli-commands.ts';
import { exitCodes } from './cli-report.ts';
import { openStorage, type StorageOptions } from './cli-storage.ts';
import { StyleTransferError } from './error.ts';

export interface CheckOptions extends StorageOptions {
  readonly maxOpenSeconds: number;
}

const promises: Readonly<Record<Invariant, string>> = {
  I1: 'Every job has a record and ends in time',
  I3: 'A completed job has its result, as recorded',
  I4: 'A failed job has a reason and one dead letter',
  I5: 'A canceled or expired job has no result',
  I6: 'The queue is empty when no job is open',
  I7: 'Every image belongs to a job',
  I8: 'There is no job that nobody was told of',
  I9: 'The attempts of a job add up',
  I10: 'A job never goes back to an earlier state',
  I11: 'Whoever wants to know of an end is told, or could not be reached',
  I12: 'There is one job for each Idempotency-Key',
  I13: 'Nothing needed a repair',
};

/** How many lines a person reads; `--json` has all. */
const shownPerPromise = 20;
const noteEvery = 1_000;

/** Ends with 1 where anything is wrong. @throws StyleTransferError */
export async function runCheck(context: CommandContext, options: CheckOptions): Promise<void> {
  const { signal, progress } = context;
  const storage = await openStorage(options);
  const onProgress = (jobs: number) => {
    if (jobs % noteEvery === 0) progress.note(`${jobs} jobs checked`);
  };
  const { maxOpenSeconds } = options;
  const report = await checkInvariants(storage, { maxOpenSeconds, signal, onProgress }).catch(
    (error: unknown) => {
      throw signal.aborted ? interrupted(error) : unreachable(error);
    },
  );
  context.print(checkText(report), checkDocument(report));
  if (report.violations.length > 0) context.endWith(exitCodes.failed);
}

function interrupted(cause: unknown): StyleTransferError {
  return new StyleTransferError('aborted', 'The check was interrupted.', { cause });
}

function unreachable(error: unknown): unknown {
  if (!(error instanceof JobError)) return error;
  const message = `Expected a storage that can be read: ${messageOf(error)}.`;
  return new StyleTransferError('unreachable', message, { retryable: true, cause: error });
}

/** The report for people. */
function checkText(report: CheckReport): string {
  const { jobs, violations } = report;
  const total = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  const verdict =
    violations.length === 0 ? 'Every promise is kept.' : `${violations.length} things are wrong.`;
  const rows: readonly (readonly [string, number, string?])[] = [
    ['jobs', total],
    ...Object.entries(jobs).map(
      ([status, count]) => [`  ${status}`, count, status === 'failed' ? reasons(report) : ''] as const,
    ),
    ['gone', report.gone, 'jobs that were removed; only that there was one is known'],
    ['reused', report.reused, 'jobs that were given a copy of an earlier result'],
    ['batches', report.batches],
    ['messages', report.messages, 'in the queue, those being worked on included'],
    ['stuck', report.stuck, 'jobs that are open for too long'],
    ['orphans', report.orphans, 'images that belong to nothing'],
    ['repeated', report.executedMoreThanOnce, 'jobs that took more than one attempt'],
    ['crashes', report.crashes, 'attempts whose worker or engine ended without a word'],
    ['hand-backs', report.handBacks, 'attempts given back by a worker that had to stop'],
    ['resends', report.resends, 'messages sent again because they seemed lost'],
    ['replays', report.replays, 'failed jobs that were queued again'],
  ];
  const told = [...rows.map(rowText), ...noticesText(report), ...waitsText(report)];
  return [...told, ...byPromise(violations), '', verdict].join('\n');
}

function rowText([name, count, note]: readonly [string, number, string?]): string {
  return `${name.padEnd(13)}${String(count).padStart(8)}  ${note ?? ''}`.trimEnd();
}

/** Nothing where no receiver wants to know anything. */
function noticesText({ notices }: CheckReport): string[] {
  const { delivered, pending, failed, disabled, missing } = notices;
  const total = delivered + pending + failed + disabled + missing;
  if (total === 0) return [];
  const states = `${delivered} delivered, ${pending} under way, ${failed + disabled} given up, ${missing} missing`;
  return [rowText(['notices', total, `ends of jobs that a receiver wants to know of: ${states}`])];
}

/** Nothing where nothing was foretold. */
function waitsText({ waits }: CheckReport): string[] {
  const rows = [
    ['waits', 'with a worker at hand', waits.warm],
    ['cold waits', 'without a worker', waits.cold],
  ] as const;
  return rows.flatMap(([name, where, { inside, earlier, later }]) => {
    const total = inside + earlier + later;
    if (total === 0) return [];
    const share = Math.round((100 * inside) / total);
    return [
      rowText([
        name,
        total,
        `foretold ${where}: ${share} % came true, ${earlier} were shorter, ${later} longer`,
      ]),
    ];
  });
}

function reasons({ failedByReason }: CheckReport): string {
  const sorted = Object.entries(failedByReason).sort(([, a], [, b]) => b - a);
  return sorted.map(([reason, count]) => `${reason} ${count}`).join(', ');
}

function byPromise(violations: readonly Violation[]): string[] {
  const groups = Map.groupBy(violations, ({ invariant }) => invariant);
  return [...groups].flatMap(([invariant, group]) => {
    const shown = group.slice(0, shownPerPromise).map(({ subject, detail }) => `  ${subject}: ${detail}`);
    const more = group.length - shown.length;
    const rest = more > 0 ? [`  and ${more} more; --json lists all`] : [];
    return ['', `${invariant} ${promises[invariant]}. Not so:`, ...shown, ...rest];
  });
}

function checkDocument(report: CheckReport): object {
  const { jobs, messages, stuck, orphans, crashes, resends, replays, violations } = report;
  return {
    ok: violations.length === 0,
    jobs,
    failed_by_reason: report.failedByReason,
    ...{ gone: report.gone, reused: report.reused, batches: report.batches },
    notices: report.notices,
    waits: { cold: waitsDocument(report.waits.cold), warm: waitsDocument(report.waits.warm) },
    ...{ messages, stuck, orphans },
    executed_more_than_once: report.executedMoreThanOnce,
    crashes,
    hand_backs: report.handBacks,
    ...{ resends, replays, violations },
  };
}

/** `share` of those inside the range, 0 to 1; null where there are none. */
function waitsDocument(waits: ForetoldWaits): object {
  const total = waits.inside + waits.earlier + waits.later;
  return { ...waits, share: total === 0 ? null : waits.inside / total };
}
