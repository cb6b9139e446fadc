// A trace as a waterfall: each span below its parent, with its start, its duration, and a bar at its place in the whole.
import type { WrittenSpan } from '../telemetry/written-span.ts';
import { tableText } from './cli-text.ts';

interface Row {
  readonly span: WrittenSpan;
  readonly depth: number;
}

const barCharacters = 40;

/** @param spans of one trace, at least one. */
export function traceText(spans: readonly WrittenSpan[]): string {
  const rows = inTree(spans);
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  const whole = { startMs, ms: Math.max(endMs - startMs, 0.001) };
  const starts = aligned(rows.map(({ span }) => msText(span.startMs - startMs)));
  const durations = aligned(rows.map(({ span }) => msText(span.durationMs)));
  const table = rows.map(({ span, depth }, index) => [
    `${'  '.repeat(depth)}${span.name}`,
    starts[index] ?? '',
    durations[index] ?? '',
    barOf(span, whole),
    span.service.replace(/^impasto-/, ''),
    [notesOf(span), isOrphan(span, depth) ? 'its parent never ended' : ''].filter(Boolean).join(', '),
  ]);
  const many = spans.length === 1 ? '1 span' : `${spans.length} spans`;
  const title = `trace ${spans[0]?.traceId}: ${many} in ${msText(whole.ms)}`;
  const [from = '', took = ''] = [starts, durations].map((column) => column[0]);
  const header = ['span', 'start'.padStart(from.length), 'took'.padStart(took.length), '', 'service', ''];
  return `${title}\n${tableText([header, ...table])}`;
}

/** Parents before their children, in the order of their starts. Whose parent is not there, such as a caller's, is at the top. */
function inTree(spans: readonly WrittenSpan[]): Row[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const sorted = spans.toSorted((a, b) => a.startMs - b.startMs);
  const parentOf = ({ parentId }: WrittenSpan) => (parentId && known.has(parentId) ? parentId : undefined);
  const below = (parent: string | undefined, depth: number): Row[] =>
    sorted
      .filter((span) => parentOf(span) === parent)
      .flatMap((span) => [{ span, depth }, ...below(span.spanId, depth + 1)]);
  return below(undefined, 0);
}

/** A part of a span that was never written: its process has died. Only what a caller sends has a parent elsewhere. */
function isOrphan({ parentId, kind }: WrittenSpan, depth: number): boolean {
  return depth === 0 && parentId !== undefined && kind === 'internal';
}

function barOf({ startMs, durationMs }: WrittenSpan, whole: { startMs: number; ms: number }): string {
  const at = (ms: number) => Math.round((barCharacters * ms) / whole.ms);
  const before = Math.min(at(startMs - whole.startMs), barCharacters - 1);
  const length = Math.max(1, at(durationMs));
  return `${' '.repeat(before)}${'█'.repeat(Math.min(length, barCharacters - before))}`.padEnd(barCharacters);
}

function aligned(cells: readonly string[]): string[] {
  const width = Math.max(...cells.map((cell) => cell.length), 5);
  return cells.map((cell) => cell.padStart(width));
}

function msText(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** What a reader of the whole wants to know of a span, in the order in which it is said. */
const noted: readonly (readonly [attribute: string, words: (value: unknown) => string])[] = [
  ['http.response.status_code', String],
  ['impasto.submission.outcome', String],
  ['impasto.job.queue_wait_seconds', (seconds) => `waited ${Number(seconds).toFixed(1)} s`],
  ['impasto.job.attempt', (attempt) => `attempt ${attempt}`],
  ['impasto.execution_provider', String],
  ['impasto.webhook.event', String],
  ['impasto.webhook.outcome', String],
  ['impasto.job.outcome', String],
  ['error.type', (type) => `(${type})`],
];

function notesOf({ attributes, failed }: WrittenSpan): string {
  const notes = noted.flatMap(([name, words]) => (name in attributes ? [words(attributes[name])] : []));
  return [failed ? 'FAILED' : '', notes.join(', ')].filter(Boolean).join(' ');
}
