// `impasto trace`: the spans of one job, from the file that a local service writes them to.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import { messageOf } from '../errors.ts';
import { readSpans, type WrittenSpan } from '../telemetry/written-span.ts';
import type { CommandContext } from './cli-commands.ts';
import { traceText } from './cli-trace-text.ts';
import { StyleTransferError } from './error.ts';

export interface TraceOptions {
  readonly spans: string;
}

/** Where `npm start -- --telemetry` writes them. */
export function spanFile({ IMPASTO_DATA_DIR }: Environment): string {
  return join(IMPASTO_DATA_DIR || '.impasto', 'telemetry', 'spans.jsonl');
}

/** @throws StyleTransferError `local_file`, or `invalid_argument` where no span is of this id. */
export async function runTrace(context: CommandContext, id: string, { spans }: TraceOptions): Promise<void> {
  const traces = tracesOf(await spansIn(spans), id);
  if (traces.length === 0) {
    const message = `Expected the id of a job, of a batch or of a trace, received ${JSON.stringify(id)}, which no span in ${spans} has. Spans are written by npm start -- --telemetry only.`;
    throw new StyleTransferError('invalid_argument', message);
  }
  const text = traces.map((trace) => traceText(trace)).join('\n\n');
  context.print(text, { traces: traces.map((trace) => ({ trace_id: trace[0]?.traceId, spans: trace })) });
}

async function spansIn(file: string): Promise<WrittenSpan[]> {
  try {
    return readSpans(await readFile(file, 'utf8'));
  } catch (cause) {
    const message = `Expected spans of a service that was started with npm start -- --telemetry, for --spans, received ${messageOf(cause)}.`;
    throw new StyleTransferError('local_file', message, { cause });
  }
}

/** Every trace that has to do with the job or batch, whole: as a rule there is one. */
function tracesOf(spans: readonly WrittenSpan[], id: string): WrittenSpan[][] {
  const named = spans.filter(
    ({ traceId, attributes }) =>
      traceId === id || attributes['impasto.job.id'] === id || attributes['impasto.batch.id'] === id,
  );
  const traceIds = new Set(named.map(({ traceId }) => traceId));
  return [...traceIds].map((traceId) => spans.filter((span) => span.traceId === traceId));
}
