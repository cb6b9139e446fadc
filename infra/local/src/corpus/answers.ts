// What every answer of the API has to be, whoever gives it: the app, the host or the parser in front of both.
import assert from 'node:assert/strict';
import {
  type Problem,
  problemSchema,
  type SubmissionReceipt,
  submissionReceiptSchema,
} from '@impasto/shared';
import type { RawAnswer } from './raw-http.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** @returns the problem, which is complete, has this status and code, and tells nothing of the inside. */
export function assertProblem(answer: RawAnswer, status: number, code: string): Problem {
  const text = answer.body.toString();
  assert.equal(answer.status, status, text.slice(0, 500));
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const problem = problemSchema.parse(JSON.parse(text));
  assert.deepEqual([problem.status, problem.code], [status, code], text.slice(0, 500));
  assert.equal(problem.type, `urn:impasto:problem:${code}`);
  assert.match(problem.request_id ?? 'none', uuid);
  assert.ok(problem.title.length > 5 && problem.detail.length > 10 && problem.detail.length < 500, text);
  assertSafe(answer);
  return problem;
}

/** @returns the receipt of a job that was taken. */
export function assertAccepted(answer: RawAnswer): SubmissionReceipt {
  assert.equal(answer.status, 202, answer.body.toString('utf8', 0, 500));
  const receipt = submissionReceiptSchema.parse(JSON.parse(answer.body.toString()));
  assert.match(receipt.job_id, uuid);
  assertSafe(answer);
  return receipt;
}

/** Nothing about the software behind the address, nothing for a browser to guess or for other sites to read. */
export function assertSafe({ headers, body }: RawAnswer): void {
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.ok(headers['cache-control'], 'expected Cache-Control');
  for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'set-cookie'])
    assert.equal(headers[name], undefined, name);
  const type = headers['content-type'] ?? '';
  if (type.includes('json'))
    assert.doesNotMatch(body.toString(), /\n {4}at |node:internal|file:\/\/|\.ts:\d/);
}
