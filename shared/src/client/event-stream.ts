// A stream of server-sent events, told event by event, and how it ended: nothing is thrown, whatever the network does.
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { ServiceRequest } from './answer.ts';
import { watchSilence } from './silence.ts';
import { requestInit, type TransportSettings } from './transport.ts';

/** More than any event of ours; a server that sends more without an end is not ours. */
const maxEventCharacters = 4 * 2 ** 20;

/** `refused`: there is no such stream. `closed`: by the service, in order. */
export type StreamEnd = 'refused' | 'closed' | 'broken' | 'silent' | 'aborted';

export type StreamItem =
  | { readonly event: EventSourceMessage }
  | { readonly retrySeconds: number }
  | { readonly end: StreamEnd };

/**
 * Yields events as they come, and the end as the last item. A server that sends nothing for `silenceSeconds`, not even a
 * comment, is `silent`. Who stops reading closes the connection.
 */
export async function* openEvents(
  settings: TransportSettings,
  request: ServiceRequest,
  silenceSeconds: number,
): AsyncGenerator<StreamItem, void> {
  const silence = watchSilence(silenceSeconds, request.signal);
  const items: StreamItem[] = [];
  const parser = createParser({
    onEvent: (event) => items.push({ event }),
    onRetry: (milliseconds) => items.push({ retrySeconds: milliseconds / 1000 }),
    maxBufferSize: maxEventCharacters,
  });
  /** Undefined as long as there is more to come. */
  const next = async (reader: TextReader): Promise<StreamEnd | undefined> => {
    try {
      const { done, value } = await reader.read();
      silence.heard();
      if (done) return 'closed';
      parser.feed(value);
      return undefined;
    } catch {
      return endBy(silence, request.signal);
    }
  };
  try {
    const reader = await connect(settings, request, silence.signal).catch(() =>
      endBy(silence, request.signal),
    );
    let end = typeof reader === 'string' ? reader : undefined;
    while (typeof reader !== 'string' && end === undefined) {
      end = await next(reader);
      yield* items.splice(0);
    }
    if (end !== undefined) yield { end };
  } finally {
    silence.stop();
  }
}

type TextReader = ReadableStreamDefaultReader<string>;

async function connect(
  settings: TransportSettings,
  request: ServiceRequest,
  signal: AbortSignal,
): Promise<TextReader | 'refused'> {
  const url = settings.baseUrl + request.path;
  const response = await settings.fetch(url, { ...requestInit(settings, request), signal });
  const { body, status, headers } = response;
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (status !== 200 || !isStream || body === null) return 'refused';
  return body.pipeThrough(new TextDecoderStream()).getReader();
}

function endBy(silence: { readonly silent: boolean }, signal: AbortSignal | undefined): StreamEnd {
  if (signal?.aborted) return 'aborted';
  return silence.silent ? 'silent' : 'broken';
}
