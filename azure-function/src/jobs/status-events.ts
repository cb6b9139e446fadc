// GET /api/status/{job_id}/events: the status as server-sent events, whole in each frame, until the job is done. The
// stream is an offer: whoever loses it goes on by asking, and the job does not care who listens.
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpRequest } from '@azure/functions';
import { isDone, JobError, type StoredJob } from '@impasto/shared';
import { callerGone, streamTo } from '../http/connections.ts';
import type { Handler } from '../http/respond.ts';
import { outlookMark } from '../waiting/outlook.ts';
import { makePacedReads, type PacedReads } from '../waiting/paced-reads.ts';
import { makePlaces, mostStreams } from '../waiting/places.ts';
import { unlessDown } from '../waiting/wait-for-done.ts';
import { jobIdOf } from './job-links.ts';
import type { ViewJob } from './job-view.ts';
import type { ReadJob } from './read-job.ts';

interface Dependencies {
  readonly readJob: ReadJob;
  readonly viewJob: ViewJob;
  /** To share with others who wait for jobs. */
  readonly reads?: PacedReads;
  readonly limits?: Partial<StreamLimits>;
}

interface StreamLimits {
  readonly streams: number;
  /** Least time between two frames, in milliseconds. */
  readonly frameMs: number;
  /** Longest time without a word, in milliseconds: gateways on the way give up on a silent connection. */
  readonly silentMs: number;
  /** The platform ends an answer after 230 s. */
  readonly openMs: number;
}

const defaultLimits: StreamLimits = { streams: mostStreams, frameMs: 500, silentMs: 15_000, openMs: 200_000 };

const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Proxies such as nginx hold a stream back otherwise.
  'X-Accel-Buffering': 'no',
};

/** Who loses the stream comes back after so many milliseconds. */
const opening = 'retry: 1000\n\n';
const keepAlive = ':\n\n';

export function makeStatusEvents(deps: Dependencies): Handler {
  const { readJob, viewJob, reads = makePacedReads(readJob) } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const places = makePlaces(limits.streams);
  return async (request, context) => {
    const jobId = jobIdOf(request);
    const giveBack = places.take();
    if (!giveBack) throw tooMany(limits.streams);
    const left = new AbortController();
    const gone = AbortSignal.any([left.signal, callerGone(context.requestId)]);
    const leave = () => {
      giveBack();
      left.abort();
    };
    gone.addEventListener('abort', leave, { once: true });
    if (gone.aborted) leave();
    try {
      const first = await reads.now(jobId);
      const seenId = request.headers.get('last-event-id') ?? undefined;
      // To a listener that has the last frame there is nothing more to say: 204 ends its coming back.
      if (isDone(first.job) && seenId === (await frameOf(viewJob, request, first)).id) {
        leave();
        return { status: 204 };
      }
      const show = (stored: StoredJob) => frameOf(viewJob, request, stored);
      const words = narrate({ jobId, first, seenId, show, reads, limits, gone });
      return { headers: streamHeaders, body: streamTo(context, inBytes(words), leave) };
    } catch (error) {
      leave();
      throw error;
    }
  };
}

interface Frame {
  /** Another one when there is news. */
  readonly id: string;
  readonly text: string;
}

interface Story {
  readonly jobId: string;
  readonly first: StoredJob;
  /** Of the frame that the caller has already. */
  readonly seenId: string | undefined;
  readonly show: (stored: StoredJob) => Promise<Frame>;
  readonly reads: PacedReads;
  readonly limits: StreamLimits;
  readonly gone: AbortSignal;
}

/** What is said on one stream, piece by piece. */
async function* narrate({ jobId, first, seenId, show, reads, limits, gone }: Story): AsyncGenerator<string> {
  const endsAt = performance.now() + limits.openMs;
  let toldId = seenId;
  let spokenAt = performance.now();
  let found: StoredJob | 'down' = first;
  yield opening;
  while (!gone.aborted && performance.now() < endsAt) {
    const frame = found === 'down' ? undefined : await show(found);
    const isNews = frame !== undefined && frame.id !== toldId;
    if (isNews || performance.now() - spokenAt >= limits.silentMs) {
      yield isNews ? frame.text : keepAlive;
      spokenAt = performance.now();
      toldId = frame?.id ?? toldId;
    }
    if (found !== 'down' && isDone(found.job)) return;
    // Others who wait for the job may have it read sooner.
    const pauseMs =
      found !== 'down' && found.job.status === 'processing' ? limits.frameMs : 2 * limits.frameMs;
    try {
      const reading: Promise<StoredJob | 'down'> = unlessDown(reads.next(jobId, pauseMs));
      [found] = await Promise.all([reading, delay(limits.frameMs)]);
    } catch (error) {
      yield farewell(jobId, error);
      return;
    }
  }
}

async function frameOf(viewJob: ViewJob, request: HttpRequest, stored: StoredJob): Promise<Frame> {
  const view = await viewJob(request, stored.job, { ageSeconds: stored.ageSeconds });
  const id = [stored.version, outlookMark(view)].filter((part) => part !== '').join('.');
  return { id, text: `event: status\nid: ${id}\ndata: ${JSON.stringify(view)}\n\n` };
}

/** The job was removed while somebody listened. */
function farewell(jobId: string, error: unknown): string {
  if (!(error instanceof JobError) || (error.code !== 'job_gone' && error.code !== 'job_not_found'))
    throw error;
  const data = { job_id: jobId, code: error.code, gone_at: error.goneAt ?? null };
  return `event: gone\ndata: ${JSON.stringify(data)}\n\n`;
}

function tooMany(streams: number): JobError {
  const detail = `Expected fewer than ${streams} listeners, for another to be taken; ask for the status instead`;
  return new JobError('too_many_streams', detail, { retryAfterSeconds: 5 });
}

async function* inBytes(words: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const word of words) yield encoder.encode(word);
}
