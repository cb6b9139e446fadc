// What a run has shown, as a table for people; what has to be nothing is marked when it is not.
import type { CheckReport } from '@impasto/shared/check';
import { formatTable } from '../scripts/lib/table.ts';
import type { ChaosOptions } from './options.ts';

export interface RoundReport {
  /** From the first submission to the last check. */
  readonly seconds: number;
  readonly accepted: number;
  readonly submissions: { readonly refused: number; readonly unknown: number };
  readonly check: CheckReport;
  readonly executedMoreThanOnce: number;
  readonly committedMoreThanOnce: readonly string[];
  /** Accepted jobs that had not ended when the time to wait was over. */
  readonly unfinished: readonly string[];
  /** From a SIGKILL to somebody going on with the job that was being worked on. */
  readonly takeOverSeconds: readonly number[];
  /** From SIGTERM to the end of the worker. */
  readonly terminationSeconds: readonly number[];
  readonly badTerminations: readonly string[];
  readonly kills: number;
  readonly outages: number;
  readonly processFaults: Readonly<Record<string, number>>;
  readonly networkFaults: Readonly<Record<string, number>>;
  readonly unexpectedEnds: readonly string[];
}

export interface ChaosReport extends RoundReport {
  readonly options: ChaosOptions;
}

export function sumOf(options: ChaosOptions, rounds: readonly RoundReport[]): ChaosReport {
  const [first, ...others] = rounds;
  if (!first) throw new Error('Expected at least one round, received none');
  return { options, ...others.reduce((sum, round) => added(sum, round), first) };
}

/** Numbers are added, lists joined, and records added name by name. */
function added<T>(a: T, b: T): T {
  if (typeof a === 'number' && typeof b === 'number') return (a + b) as T;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b] as T;
  const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const sum = [...names].map((name) => [name, either(left[name], right[name])]);
  return Object.fromEntries(sum) as T;
}

function either(a: unknown, b: unknown): unknown {
  return a === undefined || b === undefined ? (a ?? b) : added(a, b);
}

/** Everything that a run must not show, one line each. */
export function failuresOf(report: RoundReport): string[] {
  const { check, committedMoreThanOnce, unfinished, badTerminations, unexpectedEnds } = report;
  return [
    ...committedMoreThanOnce.map((jobId) => `I2 ${jobId}: committed more than once`),
    ...unfinished.map((jobId) => `I1 ${jobId}: accepted and not ended`),
    ...check.violations.map(({ invariant, subject, detail }) => `${invariant} ${subject}: ${detail}`),
    ...badTerminations.map((what) => `SIGTERM ${what}`),
    ...unexpectedEnds.map((what) => `unexpected end: ${what}`),
  ];
}

export function formatReport(report: ChaosReport): string {
  const { check, options } = report;
  const rows: [string, string][] = [
    ['accepted', String(report.accepted)],
    [
      'submissions refused / without an answer',
      `${report.submissions.refused} / ${report.submissions.unknown}`,
    ],
    ['completed', String(check.jobs.completed)],
    ...Object.entries(check.failedByReason).map(([code, count]): [string, string] => [
      `failed: ${code}`,
      String(count),
    ]),
    ['canceled', String(check.jobs.canceled)],
    ['removed by their callers', String(check.gone)],
    ['executed more than once', String(report.executedMoreThanOnce)],
    ['recovered (nobody heard of them)', String(check.recovered)],
    ['sent again by the sweeper', String(check.resends)],
    must('committed more than once', report.committedMoreThanOnce.length),
    must('lost', check.lost),
    must('stuck', Math.max(check.stuck, report.unfinished.length)),
    options.sweeper ? must('orphans', check.orphans) : ['orphans', String(check.orphans)],
    must('violations', check.violations.length),
    must('unexpected ends of processes', report.unexpectedEnds.length),
    must('workers that did not end well on SIGTERM', report.badTerminations.length),
    ['slowest end on SIGTERM', quantile(report.terminationSeconds, 1)],
    [
      `take-over after SIGKILL, slowest of ${report.takeOverSeconds.length}`,
      quantile(report.takeOverSeconds, 1),
    ],
    ['take-over after SIGKILL, median', quantile(report.takeOverSeconds, 0.5)],
    ['kills', String(report.kills)],
    ['outages', String(report.outages)],
    ...Object.entries({ ...report.processFaults, ...report.networkFaults }).map(
      ([kind, count]): [string, string] => [`fault: ${kind}`, String(count)],
    ),
    ['time', seconds(report.seconds)],
    ['seed', String(options.seed)],
  ];
  const table = formatTable([options.sweeper ? 'with the sweeper' : 'without the sweeper', ''], rows);
  return [table, ...failuresOf(report).map((line) => `VIOLATION ${line}`)].join('\n');
}

function must(what: string, count: number): [string, string] {
  return [`${what} (must be 0)`, count === 0 ? '0' : `${count} !`];
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return seconds(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
}
