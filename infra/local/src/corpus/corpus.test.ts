// Bad input for the API, row by row, over a real socket: each refusal has its status, its code and a whole problem
// document, and leaves nothing in the storage.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Job, transition } from '@impasto/shared';
import { someJob, someResult } from '@impasto/shared/testing';
import { addressRows } from './address-rows.ts';
import { assertAccepted, assertProblem, assertSafe } from './answers.ts';
import { bodyRows } from './body-rows.ts';
import { fieldRows } from './field-rows.ts';
import { headerRows } from './header-rows.ts';
import { jobAnd, jobWith, jpeg, png, pngText } from './pictures.ts';
import { exchange, get, head, post, type RawRequest } from './raw-http.ts';
import type { Row } from './row.ts';
import { recordOf, type Service, startService } from './service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.stop());

const send = (request: RawRequest) => exchange(service.port, request);

async function assertRefused({ request, status, code, pointer, headers, says }: Row): Promise<void> {
  const before = await service.contents();
  const answer = await send(typeof request === 'function' ? request() : request);
  const problem = assertProblem(answer, status, code);
  if (pointer !== undefined)
    assert.ok(problem.errors?.some((one) => one.pointer === pointer && one.code === code));
  for (const [name, value] of Object.entries(headers ?? {})) assert.equal(answer.headers[name], value);
  if (says) assert.match(problem.detail, says);
  assert.deepEqual(await service.contents(), before);
}

for (const [what, rows] of [
  ['a body', bodyRows],
  ['a field', fieldRows],
  ['a header', headerRows],
  ['an address', addressRows],
] as const) {
  describe(`${what} that is refused`, () => {
    for (const row of rows) it(`${row.id}: ${row.what} is ${row.code}`, () => assertRefused(row));
  });
}

/** Submits what has to be taken. @returns the record of the job. */
async function accepted(request: RawRequest): Promise<Job> {
  const before = await service.contents();
  const { job_id: jobId } = assertAccepted(await send(request));
  const { inputs, jobs, messages } = await service.contents();
  assert.deepEqual([inputs, jobs, messages], [before.inputs + 2, before.jobs + 1, before.messages + 1]);
  return recordOf(service, jobId);
}

describe('a submission that is odd and taken', () => {
  it('A8: a byte order mark before the JSON is passed over', async () => {
    await accepted(post(`\ufeff${jobWith()}`));
  });

  it('A16: of a field that is there twice the last one counts', async () => {
    const { parameters } = await accepted(post(jobAnd('"influence":0.25,"influence":0.75')));
    assert.equal(parameters.influence, 0.75);
  });

  it('A20c: a whole submission is taken, and its caller told so, whatever follows it', async () => {
    const body = jobWith();
    await accepted(post(`${body}\0\0`, { 'Content-Length': String(body.length) }));
  });

  it('A26b: a type that says UTF-8 in any spelling is that of JSON', async () => {
    for (const type of ['application/json;charset=UTF-8', 'Application/JSON; charset="utf-8"'])
      await accepted(post(jobWith(), { 'Content-Type': type }));
  });

  it('A42: a negative zero is zero', async () => {
    const { parameters } = await accepted(post(jobAnd('"influence":-0')));
    assert.ok(Object.is(parameters.influence, 0));
  });

  it('A45: a prompt of any text is kept as it is and stands in no log', async () => {
    const hostile = [
      'jndi:ldap://x/a',
      '\u202egnp.',
      '\u200b',
      '\r\nERROR forged',
      '\x1b[2J',
      '\x9b31m',
      '<script>',
    ];
    const prompt = `red ${hostile.join(' ')}`;
    const { parameters } = await accepted(post(jobWith({ additional_prompt: prompt })));
    assert.equal(parameters.additionalPrompt, prompt);
    for (const line of service.lines)
      for (const part of [...hostile, 'forged']) assert.equal(line.includes(part), false, line);
  });

  it('A60: a data URI is as good as plain base64', async () => {
    const { inputs } = await accepted(post(jobWith({ content_image: `data:image/png;base64,${pngText}` })));
    const stored = await service.storage.images.get(inputs.content);
    assert.equal(stored?.contentType, 'image/png');
    assert.equal(stored.bytes, png.length);
  });

  it('A63: a JPEG that is declared a PNG is a JPEG', async () => {
    const declared = `data:image/png;base64,${jpeg.toString('base64')}`;
    const { inputs } = await accepted(post(jobWith({ content_image: declared })));
    assert.equal((await service.storage.images.get(inputs.content))?.contentType, 'image/jpeg');
  });

  it('A81: a traceparent that is none makes room for a new one', async () => {
    for (const wrong of [
      'junk',
      '00-00000000000000000000000000000000-b7ad6b7169203331-01',
      'x'.repeat(5_000),
    ]) {
      const { traceparent } = await accepted(post(jobWith(), { traceparent: wrong }));
      assert.match(traceparent, /^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    }
  });
});

describe('a result that is asked for', () => {
  const at = new Date().toISOString();
  const claim = { owner: 'a', attempt: 1 };
  const result = { ...someResult, bytes: png.length };
  let jobId: string;

  before(async () => {
    const claimed = transition(someJob(), { type: 'claimed', owner: 'a', at });
    const job = transition(claimed, { type: 'completed', claim, result, at });
    await service.storage.jobs.create(job);
    await service.storage.images.put(someResult.key, png, 'image/png');
    ({ jobId } = job);
  });

  it('A73: answers alike on every route for an id that nobody has', async () => {
    const unknown = crypto.randomUUID();
    const routes = ['GET /api/status', 'GET /api/result', 'POST /api/cancel', 'DELETE /api/jobs'];
    const bodies = await Promise.all(
      routes.map(async (route) => {
        const answer = await send(head(`${route}/${unknown}`, { 'Content-Length': '0' }));
        const { request_id: _own, ...rest } = assertProblem(answer, 404, 'job_not_found');
        return rest;
      }),
    );
    for (const body of bodies) assert.deepEqual(body, bodies[0]);
  });

  it('A74: is a conflict before the job is completed', async () => {
    const job = await accepted(post(jobWith()));
    const answer = await send(get(`/api/result/${job.jobId}`));
    assert.equal(assertProblem(answer, 409, 'not_completed').retryable, true);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  });

  it('A77: is cut by one range, and by none that makes no sense', async () => {
    const thousand = Array.from({ length: 1000 }, (_, index) => `${index}-${index}`).join();
    const ranges: [range: string, status: number, bytes: number][] = [
      ['bytes=1-3', 206, 3],
      ['bytes=-4', 206, 4],
      [`bytes=${thousand}`, 200, png.length],
      ['junk', 200, png.length],
      ['bytes=9-1', 200, png.length],
    ];
    for (const [range, status, bytes] of ranges) {
      const answer = await send(get(`/api/result/${jobId}`, { Range: range }));
      assert.deepEqual([answer.status, answer.body.length], [status, bytes], range.slice(0, 20));
      assertSafe(answer);
    }
    const outside = await send(get(`/api/result/${jobId}`, { Range: `bytes=${png.length}-` }));
    assertProblem(outside, 416, 'range_not_satisfiable');
    assert.equal(outside.headers['content-range'], `bytes */${png.length}`);
  });

  it('A78: is not sent to somebody who has it or would have any, and is to all others', async () => {
    const known: [ifNoneMatch: string, status: number][] = [
      [`"${someResult.sha256}"`, 304],
      ['*', 304],
      ['junk, "', 200],
      ['x'.repeat(8_000), 200],
    ];
    for (const [ifNoneMatch, status] of known) {
      const answer = await send(get(`/api/result/${jobId}`, { 'If-None-Match': ifNoneMatch }));
      assert.deepEqual([answer.status, answer.body.length], [status, status === 200 ? png.length : 0]);
      assertSafe(answer);
    }
  });

  it('A79: is the picture whatever the caller would rather have', async () => {
    const answer = await send(get(`/api/result/${jobId}`, { Accept: 'text/html' }));
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'image/png']);
  });

  it('A80: takes no harm from 200 headers', async () => {
    const headers = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`X-${i}`, 'x']));
    assert.equal((await send(get(`/api/result/${jobId}`, headers))).status, 200);
  });
});

describe('the list of jobs', () => {
  it('A82: takes no cursor but its own', async () => {
    for (const cursor of ['abc', '%00', 'e30', Buffer.from('{"page":"../jobs"}').toString('base64url')])
      assertProblem(await send(get(`/api/jobs?cursor=${cursor}`)), 400, 'invalid_cursor');
  });
});
