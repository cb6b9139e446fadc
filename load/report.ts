// What the load run found: as text for a terminal, as the table of docs/operations.md, and whether it is a failure.
import type { MachineFacts } from '../bench/machine.ts';
import { formatTable } from '../scripts/lib/table.ts';
import type { Findings } from './level.ts';
import { limitText, type Measure, valueText, verdictOf } from './measure.ts';
import type { LevelName, LoadOptions } from './options.ts';

export interface LevelReport extends Findings {
  readonly level: LevelName;
  /** With starting and stopping the service. */
  readonly seconds: number;
}

export interface LoadReport {
  /** When it ended; ISO 8601. */
  readonly at: string;
  readonly machine: MachineFacts;
  readonly options: LoadOptions;
  readonly levels: readonly LevelReport[];
}

/** Promises that were broken, one line each. What is slow is none. */
export function failuresOf({ levels }: LoadReport): string[] {
  return levels.flatMap(({ level, measures, remarks }) => [
    ...measures
      .filter((measure) => verdictOf(measure) === 'BROKEN')
      .map((measure) => `${level} ${measure.what}: ${valueText(measure)}, expected ${limitText(measure)}`),
    ...remarks.map((remark) => `${level} ${remark}`),
  ]);
}

/** The whole report, with the verdicts, for programs. */
export function toJson(report: LoadReport): string {
  const withVerdict = (measure: Measure) => ({
    ...measure,
    value: Math.round(measure.value * 1000) / 1000,
    verdict: verdictOf(measure),
  });
  const levels = report.levels.map((level) => ({ ...level, measures: level.measures.map(withVerdict) }));
  return JSON.stringify({ ...report, levels }, undefined, 2);
}

export function toText(report: LoadReport): string {
  const tables = report.levels.map(({ level, load, measures, seconds }) => {
    const rows = measures.map((one) => [one.what, valueText(one), limitText(one), verdictOf(one)]);
    return `${level}: ${load} (${seconds.toFixed(0)} s)\n${formatTable(['', 'measured', 'must be', ''], rows)}`;
  });
  const failures = failuresOf(report).map((line) => `BROKEN ${line}`);
  return [machineText(report), ...tables, ...failures].join('\n\n');
}

/** A Markdown table. Promises that were kept share a row of their level, everything else has one of its own. */
export function toMarkdown(report: LoadReport): string {
  const rows = report.levels.flatMap(({ level, load, measures }) =>
    rowsOf(measures).map((row, index) => [...(index === 0 ? [level, load] : ['', '']), ...row]),
  );
  const header = ['level', 'load', 'what', 'must be', 'measured', ''];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
  return `${machineText(report)}\n\n${table}`;
}

function rowsOf(measures: readonly Measure[]): string[][] {
  const isKept = (one: Measure) => one.kind === 'correctness' && verdictOf(one) === 'held';
  const promises = measures.filter(({ kind }) => kind === 'correctness').length;
  const kept = measures.filter(isKept).length;
  return [
    ['promises kept', `= ${promises}`, String(kept), kept === promises ? 'held' : 'BROKEN'],
    ...measures
      .filter((one) => !isKept(one))
      .map((one) => [one.what, limitText(one), valueText(one), verdictOf(one)]),
  ];
}

function machineText({ at, machine, options }: LoadReport): string {
  const { cores, cpu, memoryMiB, node, loadAverage, quiet } = machine;
  const scale = options.scale === 1 ? '' : `, scale ${options.scale}`;
  return [
    `${at.slice(0, 10)}, ${cores} cores of ${cpu}, ${(memoryMiB / 1024).toFixed(1)} GiB, Node ${node}, seed ${options.seed}${scale}.`,
    `The machine was ${quiet ? 'quiet' : 'NOT quiet'} (load average ${loadAverage} at the start); callers, service and storage share it.`,
  ].join('\n');
}
