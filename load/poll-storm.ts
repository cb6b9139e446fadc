// Many callers who ask how a job is doing, each several times a second, and who send back the ETag that they were given.
import autocannon from 'autocannon';
import { statusPath } from './calls.ts';

interface StormOptions {
  readonly url: string;
  readonly jobIds: readonly string[];
  readonly callers: number;
  /** Of each caller. */
  readonly perSecond: number;
}

export interface Storm {
  /** Answers by status. */
  readonly answers: ReadonlyMap<number, number>;
  stop(): Promise<StormEnd>;
}

interface StormEnd {
  /** Of all answers; a late start counts as waiting. */
  readonly p99Ms: number;
  readonly perSecond: number;
  /** Requests without an answer within 10 seconds. */
  readonly unanswered: number;
}

/** No end of its own. */
const longestSeconds = 3600;

export function startStorm({ url, jobIds, callers, perSecond }: StormOptions): Storm {
  const answers = new Map<number, number>();
  let nextJob = 0;
  const setupClient = (client: autocannon.Client) => {
    const jobId = jobIds[nextJob % jobIds.length] ?? '';
    nextJob += 1;
    client.setRequests([requestOf(jobId, answers)]);
  };
  const options = {
    url,
    connections: callers,
    connectionRate: perSecond,
    duration: longestSeconds,
    setupClient,
  };
  const { promise: ended, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const instance = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)));
  return {
    answers,
    async stop() {
      instance.stop();
      const { latency, requests, errors } = await ended;
      return { p99Ms: latency.p99, perSecond: requests.average, unanswered: errors };
    },
  };
}

function requestOf(jobId: string, answers: Map<number, number>): autocannon.Request {
  let etag: string | undefined;
  return {
    method: 'GET',
    path: statusPath(jobId),
    setupRequest: (request) =>
      etag === undefined ? request : { ...request, headers: { 'if-none-match': etag } },
    onResponse: (status, _body, _context, headers) => {
      etag = etagIn(headers) ?? etag;
      answers.set(status, (answers.get(status) ?? 0) + 1);
    },
  };
}

/** The names of the headers come as the service wrote them. */
function etagIn(headers: autocannon.Request['headers']): string | undefined {
  const found = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'etag')?.[1];
  return typeof found === 'string' ? found : undefined;
}
