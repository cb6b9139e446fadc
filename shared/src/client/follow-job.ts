// Following one job by its event stream, over as many connections as it takes.
import { type StatusView, statusViewSchema } from '../wire.ts';
import type { ServiceRequest } from './answer.ts';
import { openEvents, type StreamEnd } from './event-stream.ts';
import { sleep } from './retry.ts';
import type { TransportSettings } from './transport.ts';

/** The service says something every 15 seconds, if only that it is there. */
const keepAliveLimitSeconds = 45;
const defaultReconnectSeconds = 1;
const shortestReconnectSeconds = 0.5;
const longestReconnectSeconds = 10;
/** Connections that break or bring no news are set up again so often. */
const maxDisappointments = 3;

interface Connection {
  readonly end: StreamEnd | 'done' | 'unreadable';
  readonly last?: StatusView;
}

/** Where the next connection goes on. */
interface Position {
  lastEventId: string | undefined;
  reconnectSeconds: number;
}

/**
 * Resolves with the view of the job that is done, or with undefined where the stream is of no use: refused, silent,
 * broken too often, or not understood. `see` gets every view. Throws only what `see` throws.
 */
export async function followJob(
  settings: TransportSettings,
  jobId: string,
  signal: AbortSignal,
  see: (view: StatusView) => void,
  silenceSeconds = keepAliveLimitSeconds,
): Promise<StatusView | undefined> {
  const position: Position = { lastEventId: undefined, reconnectSeconds: defaultReconnectSeconds };
  let disappointments = 0;
  let told = false;
  while (disappointments < maxDisappointments) {
    const { end, last } = await readConnection(settings, jobId, { signal, see, silenceSeconds, position });
    if (end === 'done') return last;
    told ||= last !== undefined;
    // Where not even the first connection told anything, looks at the status tell more.
    if (!told || (end !== 'closed' && end !== 'broken')) return undefined;
    // One that goes on where another ended may have no news, and close in order after its time.
    if (end === 'broken' || last === undefined) disappointments++;
    await sleep(position.reconnectSeconds, signal);
  }
  return undefined;
}

interface Reading {
  readonly signal: AbortSignal;
  readonly see: (view: StatusView) => void;
  readonly silenceSeconds: number;
  readonly position: Position;
}

async function readConnection(
  settings: TransportSettings,
  jobId: string,
  { signal, see, silenceSeconds, position }: Reading,
): Promise<Connection> {
  const request = eventsRequest(jobId, signal, position.lastEventId);
  let last: StatusView | undefined;
  const ended = (end: Connection['end']): Connection => (last ? { end, last } : { end });
  for await (const item of openEvents(settings, request, silenceSeconds)) {
    if ('end' in item) return ended(item.end);
    if ('retrySeconds' in item) {
      position.reconnectSeconds = Math.min(
        Math.max(item.retrySeconds, shortestReconnectSeconds),
        longestReconnectSeconds,
      );
    } else if (item.event.event === 'status') {
      const view = viewIn(item.event.data);
      if (!view) return ended('unreadable');
      position.lastEventId = item.event.id ?? position.lastEventId;
      last = view;
      see(view);
      if (view.done) return ended('done');
    }
  }
  return ended('broken');
}

function eventsRequest(jobId: string, signal: AbortSignal, lastEventId: string | undefined): ServiceRequest {
  const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const headers = { accept: 'text/event-stream', ...resume };
  return { method: 'GET', path: `/api/status/${jobId}/events`, jobId, signal, headers };
}

function viewIn(data: string): StatusView | undefined {
  try {
    return statusViewSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}
