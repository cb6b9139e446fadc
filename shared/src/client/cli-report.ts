// What the command line says at the end: exit codes, and errors as one sentence or one JSON document.
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
  1    the job failed or was canceled, a batch lacks pictures, the service answered with an error,
       dead letters were skipped, or check found something wrong
  2    wrong usage, or a local file that cannot be read or written
  3    the service or the storage cannot be reached, or does not answer as it should
  4    --timeout is over; the job goes on
  130  interrupted; a job that was sent goes on`;

const codes = {
  invalid_argument: exitCodes.usage,
  local_file: exitCodes.usage,
  unreachable: exitCodes.unreachable,
  request_timeout: exitCodes.unreachable,
  submit_uncertain: exitCodes.unreachable,
  unexpected_answer: exitCodes.unreachable,
  wait_timeout: exitCodes.timeout,
  aborted: exitCodes.interrupted,
} satisfies Partial<Record<ClientErrorCode, number>>;
/** A map, since the code may be any word of the service's. */
const exitCodeOf: ReadonlyMap<string, number> = new Map(Object.entries(codes));

export function exitCodeFor(error: StyleTransferError): number {
  return exitCodeOf.get(error.code) ?? exitCodes.failed;
}

type CommandFor = (verb: string) => string;

/** What to do after an error; undefined where there is nothing left to do. */
function wayOn(error: StyleTransferError, commandFor: CommandFor): string | undefined {
  const { code, jobId, batchId, idempotencyKey, status } = error;
  if (code === 'job_not_found' || code === 'invalid_argument' || status === 410) return undefined;
  if (jobId !== undefined) return wayToJob(error, jobId, commandFor);
  if (batchId !== undefined) return wayToBatch(error, batchId, commandFor);
  const sendAgain = code === 'submit_uncertain' || code === 'aborted';
  if (!sendAgain || idempotencyKey === undefined) return undefined;
  return `Sent again with --idempotency-key ${idempotencyKey}, it is not done twice.`;
}

function wayToJob(
  { code, job }: StyleTransferError,
  jobId: string,
  commandFor: CommandFor,
): string | undefined {
  if (job?.done && !job.result) return undefined;
  const fetchIt = `${commandFor('result')} ${jobId} <file>`;
  if (code === 'local_file') return `The result can be fetched again with: ${fetchIt}`;
  const lines = [
    `${goesOn(code, 'job')} for it again with: ${commandFor('wait')} ${jobId}`,
    `and then fetch the result with: ${fetchIt}`,
  ];
  if (code === 'aborted') lines.push(`or cancel it with: ${commandFor('cancel')} ${jobId}`);
  return lines.join('\n');
}

function wayToBatch({ code }: StyleTransferError, batchId: string, commandFor: CommandFor): string {
  const wait = `${goesOn(code, 'batch')} for it again with: ${commandFor('batch wait')} ${batchId}`;
  return code === 'aborted' ? `${wait}\nor cancel it with: ${commandFor('batch cancel')} ${batchId}` : wait;
}

function goesOn(code: string, what: string): string {
  return code === 'wait_timeout' || code === 'aborted' ? `The ${what} goes on. Wait` : 'Wait';
}

/** The lines for stderr: the sentence, each field's problem, and the way on. */
export function errorText(error: StyleTransferError, commandFor: CommandFor): string {
  // A single problem is often the sentence itself.
  const untold = error.problem?.errors?.filter(({ detail }) => !error.message.includes(detail)) ?? [];
  const fields = untold.map(({ pointer, detail }) => `  ${pointer}: ${detail}`);
  const lines = [`impasto: ${error.message}`, ...fields];
  if (error.requestId) lines.push(`request: ${error.requestId}`);
  if (error.jobId) lines.push(`job: ${error.jobId}`);
  if (error.batchId) lines.push(`batch: ${error.batchId}`);
  lines.push(wayOn(error, commandFor) ?? '');
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
      batch_id: error.batchId,
      idempotency_key: error.idempotencyKey,
      errors: error.problem?.errors,
    },
    job: error.job,
  };
}
