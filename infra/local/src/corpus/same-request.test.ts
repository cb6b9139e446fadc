// Requests that come more than once, over real sockets against Azurite: one Idempotency-Key is one job (F1, I12), and the
// same picture is painted once.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { submissionReceiptSchema, transition } from '@impasto/shared';
import { until } from '@impasto/shared/testing';
import { assertAccepted, assertProblem, assertSafe } from './answers.ts';
import { jobWith } from './pictures.ts';
import { exchange, post, type RawAnswer, type RawRequest } from './raw-http.ts';
import { recordOf, type Service, startService } from './service.ts';

let service: Service;
before(async () => {
  service = await startService({ MODELS: 'impasto-v1@1.0.0', WEBHOOK_SECRETS: '' });
});
after(() => service.stop());

const send = (request: RawRequest) => exchange(service.port, request);
const keyed = (key: string, changes = {}, headers = {}) =>
  post(jobWith(changes), { 'Idempotency-Key': key, ...headers });
const receiptOf = ({ body }: RawAnswer) => submissionReceiptSchema.parse(JSON.parse(body.toString()));

describe('an Idempotency-Key', () => {
  it('A75, I12: makes one job of twenty requests at the same moment', async () => {
    const before = await service.contents();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(keyed('twenty'))));
    const taken = answers.filter(({ status }) => status === 202);
    const first = taken.filter(({ headers }) => headers['idempotency-replayed'] === undefined);
    assert.equal(first.length, 1);
    assert.equal(new Set(taken.map((answer) => assertAccepted(answer).job_id)).size, 1);
    for (const answer of answers) {
      if (answer.status === 202) continue;
      assertProblem(answer, 409, 'idempotency_in_flight');
      assert.equal(answer.headers['retry-after'], '1');
    }
    const { inputs, jobs, messages } = await service.contents();
    assert.deepEqual([inputs, jobs], [before.inputs + 2, before.jobs + 1]);
    // Whoever is told of the job has seen to it that it has a message: there may be one too many.
    assert.ok([1, 2].includes(messages - before.messages), `${messages - before.messages} messages`);
    const again = await send(keyed('twenty'));
    assert.equal(again.headers['idempotency-replayed'], 'true');
  });

  it('F1: gives the job to a caller who has lost the answer', async () => {
    const before = await service.contents();
    await sendAndLeave(keyed('lost', { seed: 1 }));
    await until('the job to be there', async () => (await service.contents()).messages > before.messages);
    const receipt = assertAccepted(await send(keyed('lost', { seed: 1 })));
    assert.equal((await recordOf(service, receipt.job_id)).parameters.seed, 1);
    const { jobs, messages } = await service.contents();
    assert.equal(jobs, before.jobs + 1);
    assert.ok([1, 2].includes(messages - before.messages), `${messages - before.messages} messages`);
  });

  it('A75h: is refused with another body', async () => {
    assertAccepted(await send(keyed('body')));
    const before = await service.contents();
    assertProblem(await send(keyed('body', { seed: 3 })), 422, 'idempotency_key_reused');
    assert.deepEqual(await service.contents(), before);
  });

  it('takes 255 characters, and stands in no log and no name', async () => {
    const key = `~!${'s'.repeat(253)}`;
    assertAccepted(await send(keyed(key)));
    for (const line of service.lines) assert.equal(line.includes('ssssssss'), false, line);
  });
});

describe('Prefer', () => {
  it('A76: is ignored where it makes no sense', async () => {
    for (const prefer of ['wait=-1', 'wait=abc', 'wait', 'wait=', 'junk;;,,="', 'wait=1.5', '']) {
      const answer = await send(post(jobWith({ seed: 76 }), { Prefer: prefer }));
      assertAccepted(answer);
      assert.equal(answer.headers['preference-applied'], undefined, prefer);
      assert.match(answer.headers['retry-after'] ?? '', /^([1-9]|[1-5]\d|60)$/);
    }
  });

  it('is followed: the answer comes as it is when the time is over, and at once when the job is done', async () => {
    const late = await send(post(jobWith({ seed: 77 }), { Prefer: 'respond-async, wait=1' }));
    const { job_id } = assertAccepted(late);
    assert.equal(late.headers['preference-applied'], 'wait=1');
    const waiting = send(post(jobWith({ seed: 78 }), { Prefer: 'wait=1000', 'Idempotency-Key': 'wait' }));
    const canceled = await until('the job to be there', async () => {
      for await (const { jobId, status } of service.storage.jobs.list()) {
        const job = status === 'queued' && (await service.storage.jobs.get(jobId))?.job;
        if (job && job.parameters.seed === 78) return job;
      }
      return undefined;
    });
    const at = new Date().toISOString();
    await service.storage.jobs.update(canceled.jobId, (job) =>
      transition(job, { type: 'cancel_requested', at }),
    );
    const done = await waiting;
    assertSafe(done);
    assert.deepEqual([done.status, done.headers['preference-applied']], [200, 'wait=60']);
    assert.deepEqual([receiptOf(done).status, receiptOf(done).done], ['canceled', true]);
    assert.notEqual(receiptOf(done).job_id, job_id);
  });
});

describe('a picture that was painted before', () => {
  it('is answered at once, and wakes nobody', async () => {
    const asked = { max_side: 16, seed: 80 };
    const source = assertAccepted(await send(post(jobWith(asked)))).job_id;
    const worker = service.startWorker();
    await until('the picture', async () => (await recordOf(service, source)).status === 'completed', 60_000);
    await worker.stop();
    const before = await service.contents();
    const { result } = assertCompleted(await recordOf(service, source));
    const copy = await send(post(jobWith(asked), { Prefer: 'wait=5' }));
    assert.equal(copy.status, 200, copy.body.toString('utf8', 0, 300));
    const receipt = receiptOf(copy);
    assert.deepEqual(receipt.cache, { hit: true, source_job_id: source });
    assert.equal(copy.headers['preference-applied'], 'wait=5');
    assert.equal(receipt.result?.sha256, result.sha256);
    const picture = Buffer.from(await (await fetch(receipt.result.result_url)).arrayBuffer());
    assert.equal(picture.length, result.bytes);
    const { inputs, jobs, messages } = await service.contents();
    assert.deepEqual([inputs, jobs, messages], [before.inputs, before.jobs + 1, before.messages]);
    assertAccepted(await send(post(jobWith({ ...asked, no_cache: true }))));
  });
});

function assertCompleted<T extends { status: string }>(job: T): Extract<T, { status: 'completed' }> {
  assert.equal(job.status, 'completed');
  return job as Extract<T, { status: 'completed' }>;
}

/** Sends a request and ends the connection before an answer can come. */
function sendAndLeave(request: RawRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(service.port, '127.0.0.1', () => {
      const bytes = Buffer.concat([request].flat().map((part) => Buffer.from(part)));
      socket.write(bytes, () => socket.end());
    });
    socket.on('close', () => resolve()).on('error', reject);
  });
}
