// What the command line says at the end: exit codes, errors as one sentence or one JSON document, sizes in words.
import type { ResultView, StatusView } from '../wire.ts';
import type { ClientErrorCode, StyleTransferError } from './error.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  timeout: 4,
  interrupted: 130,
} as const;

export const exitCodeHelp = `
Exit codes:
  0    done
  1    the job failed or was canceled, the service answered with an error, dead letters were skipped,
       or check found something wrong
  2    wrong usage, or a local file that cannot be read or written
  3    the service or the storage cannot be reached, or does not answer as it should
  4    --timeout is over; the job goes on
  130  interrupted; a job that was sent goes on`;

const exitCodeOf: Readonly<Partial<Record<string, number>>> = {
  invalid_argument: exitCodes.usage,
  local_file: exitCodes.usage,
  unreachable: exitCodes.unreachable,
  request_timeout: exitCodes.unreachable,
  submit_uncertain: exitCodes.unreachable,
  unexpected_answer: exitCodes.unreachable,
  wait_timeout: exitCodes.timeout,
  aborted: exitCodes.interrupted,
} satisfies Partial<Record<ClientErrorCode, number>>;

export function exitCodeFor(error: StyleTransferError): number {
  return exitCodeOf[error.code] ?? exitCodes.failed;
}

/** How to get at the job after an error; undefined where there is nothing left to get. */
function wayBack(error: StyleTransferError, commandFor: (verb: string) => string): string | undefined {
  const { code, job, jobId, status } = error;
  const lost = code === 'job_not_found' || code === 'invalid_argument' || status === 410;
  if (jobId === undefined || lost || (job?.done && !job.result)) return undefined;
  const fetchIt = `${commandFor('result')} ${jobId} <file>`;
  if (code === 'local_file') return `The result can be fetched again with: ${fetchIt}`;
  const goesOn = code === 'wait_timeout' || code === 'aborted' ? 'The job goes on. Wait' : 'Wait';
  return `${goesOn} for it again with: ${commandFor('wait')} ${jobId}\nand then fetch the result with: ${fetchIt}`;
}

/** The lines for stderr: the sentence, each field's problem, and the way back to the job. */
export function errorText(error: StyleTransferError, commandFor: (verb: string) => string): string {
  // A single problem is often the sentence itself.
  const untold = error.problem?.errors?.filter(({ detail }) => !error.message.includes(detail)) ?? [];
  const fields = untold.map(({ pointer, detail }) => `  ${pointer}: ${detail}`);
  const lines = [`impasto: ${error.message}`, ...fields];
  if (error.requestId) lines.push(`request: ${error.requestId}`);
  if (error.jobId) lines.push(`job: ${error.jobId}`);
  lines.push(wayBack(error, commandFor) ?? '');
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

/** The same for programs. */
export function errorDocument(error: StyleTransferError): object {
  return {
    error: {
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      status: error.status,
      request_id: error.requestId,
      job_id: error.jobId,
      errors: error.problem?.errors,
    },
    job: error.job,
  };
}

/** One line about a finished picture, and one each about words and parameters that had no effect. */
export function resultText(result: ResultView): string {
  const { width, height, format, bytes, processing_time: seconds, prompt } = result;
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const by = `${result.model} on ${result.execution_provider}`;
  const lines = [`${width} x ${height} ${format}, ${size}, painted in ${seconds.toFixed(1)} s by ${by}`];
  if (prompt.applied.length > 0) lines.push(`  prompt applied: ${prompt.applied.join(', ')}`);
  if (prompt.ignored.length > 0) lines.push(`  prompt ignored: ${prompt.ignored.join(', ')}`);
  if (result.ignored_parameters.length > 0) {
    lines.push(`  without effect on this model: ${result.ignored_parameters.join(', ')}`);
  }
  return lines.join('\n');
}

/** A job as `impasto status` and `impasto wait` print it. */
export function statusText(view: StatusView): string {
  const percent = `${Math.floor(view.progress * 100)}%`;
  const lines = [`${view.job_id} ${view.status}`];
  if (!view.done) lines.push(`  ${view.phase.replaceAll('_', ' ')}, ${percent}, attempt ${view.attempt}`);
  lines.push(`  created ${view.created_at}`);
  if (view.started_at) lines.push(`  started ${view.started_at}`);
  if (view.completed_at) lines.push(`  ended   ${view.completed_at}`);
  if (view.result) lines.push(`  ${resultText(view.result).replaceAll('\n', '\n  ')}`);
  if (view.error) lines.push(`  ${view.error.message} (${view.error.code})`);
  return lines.join('\n');
}
