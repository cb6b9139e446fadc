// Calls of the load run, against a server that answers as the service would.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { makeProblem, statusView } from '@impasto/shared';
import type { ClientCall } from '@impasto/shared/check';
import { someJob } from '@impasto/shared/testing';
import { type Caller, poll, submissionOf, submit } from './calls.ts';

const job = someJob();
const links = { status: 'a', events: 'b', result: 'c', cancel: 'd', delete: 'e', deliveries: 'f' };
const full = makeProblem('queue_full', { status: 429, title: 'Full', retryable: true }, 'Later.');

let server: Server;
let caller: Caller;

before(async () => {
  server = createServer((request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify(statusView(job, { links })));
    return response.writeHead(429, { 'retry-after': '7' }).end(JSON.stringify(full));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  caller = { url, history: [], signal: new AbortController().signal };
});
after(() => server.close());

describe('a call of the load run', () => {
  it('tells how a submission was refused, and notes it', async () => {
    const { status, code, retryAfter, ms } = await submit(caller, '{}');
    assert.deepEqual({ status, code, retryAfter }, { status: 429, code: 'queue_full', retryAfter: '7' });
    assert.ok(ms > 0);
    assert.equal(caller.history.at(-1)?.outcome, 'fail');
    assert.equal(caller.history.at(-1)?.code, 'queue_full');
  });

  it('counts the time from when it was due', async () => {
    const { ms } = await submit(caller, '{}', performance.now() - 5_000);
    assert.ok(ms >= 5_000, `${ms} ms`);
  });

  it('notes what it saw of a job', async () => {
    const { status } = await poll(caller, job.jobId);
    assert.equal(status, 200);
    assert.equal(caller.history.at(-1)?.view?.status, job.status);
  });

  it('is unknown without an answer', async () => {
    const history: ClientCall[] = [];
    const nobody = { ...caller, url: 'http://127.0.0.1:1', history };
    assert.equal((await submit(nobody, '{}')).status, undefined);
    assert.equal((await poll(nobody, job.jobId)).status, undefined);
    assert.deepEqual(
      history.map(({ outcome }) => outcome),
      ['unknown', 'unknown'],
    );
  });

  it('has no code where the answer is no problem document', () => {
    const { outcome, httpStatus, code } = submissionOf(503, 'busy');
    assert.deepEqual({ outcome, httpStatus, code }, { outcome: 'fail', httpStatus: 503, code: undefined });
  });
});
