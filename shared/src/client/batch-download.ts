// The pictures of a batch as one ZIP file, which may be far larger than memory: a stream.
import { refusal, type ServiceRequest } from './answer.ts';
import { queryText } from './calls.ts';
import type { CallOptions } from './client-options.ts';
import { StyleTransferError } from './error.ts';
import { type Silence, watchSilence } from './silence.ts';
import { failureOf, noAnswer, repeated, requestInit, type TransportSettings } from './transport.ts';

export interface BatchResultsOptions extends CallOptions {
  /** Whether the pictures that there are will do while the batch still runs; otherwise it has to be done. */
  readonly partial?: boolean | undefined;
}

/**
 * The ZIP file piece by piece. The request is repeated until an answer begins; what breaks after that is thrown while
 * reading, as is a silence of `requestTimeoutSeconds`. Has to be read to its end, or left with `break`.
 */
export async function openBatchResults(
  settings: TransportSettings,
  batchId: string,
  { partial, signal }: BatchResultsOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const path = `/api/batch/${batchId}/results${queryText({ partial: partial || undefined })}`;
  const request: ServiceRequest = { method: 'GET', path, batchId, signal };
  return repeated(settings, request, () => open(settings, request));
}

async function open(
  settings: TransportSettings,
  request: ServiceRequest,
): Promise<AsyncIterable<Uint8Array>> {
  const url = settings.baseUrl + request.path;
  const silence = watchSilence(settings.requestTimeoutSeconds, request.signal);
  try {
    const response = await settings.fetch(url, { ...requestInit(settings, request), signal: silence.signal });
    const { status, headers, body } = response;
    if (status === 200 && headers.get('content-type') === 'application/zip' && body) {
      return pieces(settings, request, silence, body.getReader());
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    silence.stop();
    if (status !== 200) throw refusal(request, { url, status, headers, bytes });
    const message = `Expected a ZIP file from GET ${url}, received ${headers.get('content-type') ?? 'unknown type'}.`;
    throw new StyleTransferError('unexpected_answer', message, { batchId: request.batchId });
  } catch (thrown) {
    silence.stop();
    throw asError(settings, request, silence, thrown);
  }
}

async function* pieces(
  settings: TransportSettings,
  request: ServiceRequest,
  silence: Silence,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((thrown) => {
        throw asError(settings, request, silence, thrown);
      });
      if (done) return;
      silence.heard();
      yield value;
    }
  } finally {
    silence.stop();
  }
}

function asError(
  settings: TransportSettings,
  request: ServiceRequest,
  silence: Silence,
  thrown: unknown,
): StyleTransferError {
  const subject = { batchId: request.batchId };
  if (silence.silent) return noAnswer(settings, request, subject, thrown);
  return failureOf(settings, request, subject, thrown);
}
