// Jobs and pictures in words, as the command line prints them.
import type { DeliveryList } from '../delivery-wire.ts';
import type { ResultView, StatusView, WaitView } from '../wire.ts';

/** One line about a finished picture, and one each about words and parameters that had no effect. */
export function resultText(result: ResultView): string {
  const { width, height, format, bytes, processing_time: seconds, prompt } = result;
  const by = `${result.model} on ${result.execution_provider}`;
  const lines = [
    `${width} x ${height} ${format}, ${sizeText(bytes)}, painted in ${seconds.toFixed(1)} s by ${by}`,
  ];
  if (prompt.applied.length > 0) lines.push(`  prompt applied: ${prompt.applied.join(', ')}`);
  if (prompt.ignored.length > 0) lines.push(`  prompt ignored: ${prompt.ignored.join(', ')}`);
  if (result.ignored_parameters.length > 0) {
    lines.push(`  without effect on this model: ${result.ignored_parameters.join(', ')}`);
  }
  return lines.join('\n');
}

export function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A job as `impasto status` and `impasto wait` print it. */
export function statusText(view: StatusView): string {
  const percent = `${Math.floor(view.progress * 100)}%`;
  const lines = [`${view.job_id} ${view.status}`];
  if (!view.done) lines.push(`  ${words(view.phase)}, ${percent}, attempt ${view.attempt}`);
  if (view.wait) lines.push(`  ${outlookText(view)}`);
  lines.push(`  created ${view.created_at}`);
  if (view.started_at) lines.push(`  started ${view.started_at}`);
  if (view.cancel_requested_at && !view.done)
    lines.push(`  to be canceled since ${view.cancel_requested_at}`);
  if (view.completed_at) lines.push(`  ended   ${view.completed_at}`);
  if (view.expires_at) lines.push(`  kept until ${view.expires_at}`);
  if (view.cache.source_job_id) lines.push(`  the same picture as of job ${view.cache.source_job_id}`);
  if (view.result) lines.push(`  ${resultText(view.result).replaceAll('\n', '\n  ')}`);
  if (view.error) lines.push(`  ${view.error.message} (${view.error.code})`);
  return lines.join('\n');
}

/** Position, reason and estimate: "2 jobs ahead; no worker yet, one is starting; 20-60 s". */
export function outlookText(view: Pick<StatusView, 'queue_position' | 'wait'>): string {
  const estimate = view.wait && rangeText(view.wait.estimated_seconds);
  return [waitingText(view), estimate].filter(Boolean).join('; ');
}

/** Position and reason alone. */
export function waitingText({
  queue_position: ahead,
  wait,
}: Pick<StatusView, 'queue_position' | 'wait'>): string {
  const position = ahead ? `${ahead} ${ahead === 1 ? 'job' : 'jobs'} ahead` : '';
  // That others come first is said by their number.
  const told = position !== '' && wait?.reason === 'queued_behind_others';
  return [position, wait && !told ? reasonText(wait) : ''].filter(Boolean).join('; ');
}

/** A map, since the reason may be any word of the service's. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['queued_behind_others', 'other jobs come first'],
  ['worker_starting', 'a worker is starting'],
  ['workers_unhealthy', 'no worker is well'],
  ['next', 'next in line'],
  ['retrying', 'to be tried again'],
  ['in_work', 'in work'],
]);

/** A reason that this program does not know is shown as it is. */
function reasonText({ reason, workers }: WaitView): string {
  if (reason !== 'no_worker') return reasons.get(reason) ?? words(reason);
  if (workers.starting === 0) return 'no worker yet';
  return `no worker yet, ${workers.starting === 1 ? 'one is' : `${workers.starting} are`} starting`;
}

function rangeText({ low, high }: { low: number; high: number }): string {
  const [unit, name] = high < 120 ? [1, 's'] : [60, 'min'];
  const [from, to] = [Math.floor(low / unit), Math.ceil(high / unit)];
  return from === to ? `${to} ${name}` : `${from}-${to} ${name}`;
}

/** Such as `waking_worker`, without the dashes. */
export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

/** Columns as wide as what is in them, two spaces apart; the first row is no different from the others. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** Jobs as `impasto list` prints them: one line each. */
export function listText(jobs: readonly StatusView[]): string {
  if (jobs.length === 0) return 'no jobs';
  const row = (job: StatusView) => {
    const notes = Object.entries(job.metadata).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return [job.job_id, job.status, job.created_at, job.model, notes.join(' ')];
  };
  return tableText(jobs.map(row));
}

/** What a receiver was sent, and each attempt below it. */
export function deliveriesText({ deliveries }: DeliveryList): string {
  if (deliveries.length === 0) return 'no deliveries';
  const lines = deliveries.flatMap((delivery) => {
    const next = delivery.next_attempt_at ? `, next attempt ${delivery.next_attempt_at}` : '';
    const attempts = delivery.attempts.map(({ at, http_status: status, error, latency_ms: latency }) => {
      const outcome = [status === null ? '' : String(status), error ?? ''].filter(Boolean).join(' ');
      return `  ${at}  ${outcome}, ${Math.round(latency)} ms`;
    });
    return [`${delivery.delivery_id} ${delivery.state}${next}`, ...attempts];
  });
  return lines.join('\n');
}
