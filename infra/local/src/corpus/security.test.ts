// Security checks that need the service whole. The number in a name is that of the check.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { type CompletedJob, type Job, statusViewSchema, transition } from '@impasto/shared';
import { someJob, someResult } from '@impasto/shared/testing';
import { assertAccepted, assertProblem, assertSafe } from './answers.ts';
import { jobAnd, jobWith, png } from './pictures.ts';
import { exchange, get, head, post, type RawRequest } from './raw-http.ts';
import { recordOf, type Service, startService } from './service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.stop());

const send = (request: RawRequest) => exchange(service.port, request);
const at = new Date().toISOString();

/** A job that is done, with a result of this text and type in the storage. */
async function completedJob(image: Uint8Array = png, contentType = 'image/png'): Promise<CompletedJob> {
  const claimed = transition(someJob(), { type: 'claimed', owner: 'owner-of-the-attempt', at });
  const result = { ...someResult, key: `results/${claimed.jobId}/1-a.png`, bytes: image.byteLength };
  const claim = { owner: 'owner-of-the-attempt', attempt: 1 };
  const job = transition(claimed, { type: 'completed', claim, result, at });
  assert.ok(job.status === 'completed');
  await service.storage.jobs.create(job);
  await service.storage.images.put(result.key, image, contentType);
  return job;
}

async function submitted(request: RawRequest): Promise<Job> {
  return recordOf(service, assertAccepted(await send(request)).job_id);
}

describe('S3: properties', () => {
  it('S3: a status shows the public fields and no others', async () => {
    const { jobId } = await completedJob();
    const text = (await send(get(`/api/status/${jobId}`))).body.toString();
    const strict = statusViewSchema
      .strict()
      .extend({ result: statusViewSchema.shape.result.unwrap().strict() });
    strict.parse(JSON.parse(text));
    // A signed address names what it opens; beside it nothing does.
    const rest = text.replaceAll(/"(?:result|thumbnail)_url":"[^"]+sig=[^"]+"/g, '');
    assert.doesNotMatch(rest, /owner|traceparent|inputs\/|results\/|crashes|handBacks|inputHashes/);
  });

  it('S3: a submission cannot set what is ours to set', async () => {
    const ours = [
      'status',
      'owner',
      'attempt',
      'jobId',
      'job_id',
      'inputs',
      'result',
      'error',
      'replays',
      'phase',
    ];
    for (const name of ours) {
      const problem = assertProblem(await send(post(jobWith({ [name]: 'completed' }))), 422, 'unknown_field');
      assert.ok(problem.errors?.some(({ pointer }) => pointer === `/${name}`));
    }
  });
});

describe('S4: resources', () => {
  it('S4: more fields than a submission has are not even looked at', async () => {
    const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`f${i}`, 0]));
    const problem = assertProblem(await send(post(jobWith(many))), 422, 'invalid_body');
    assert.ok(JSON.stringify(problem).length < 1_000);
  });

  it('S4: a refusal repeats little of what was sent', async () => {
    const long = 'x'.repeat(100_000);
    for (const changes of [
      { model: long },
      { [long]: 1 },
      { output_format: long },
      { content_image: long },
    ]) {
      const answer = await send(post(jobWith(changes)));
      assert.ok(answer.status >= 400 && answer.body.length < 1_000, answer.body.toString('utf8', 0, 2_000));
    }
  });
});

describe('S8: configuration', () => {
  it('S8: no answer tells what runs here, lets a browser guess or lets other sites read', async () => {
    const { jobId } = await completedJob();
    const origin = { Origin: 'https://elsewhere.example' };
    const answers = [
      [200, get('/api', origin)],
      [200, get('/api/health', origin)],
      [200, get(`/api/status/${jobId}`, origin)],
      [200, get(`/api/result/${jobId}`, origin)],
      [202, post(jobWith(), origin)],
      [422, post('{}', origin)],
      [404, get('/', origin)],
      [400, 'hello\r\n\r\n'],
    ] as const;
    for (const [status, request] of answers) {
      const answer = await send(request);
      assert.equal(answer.status, status);
      assertSafe(answer);
    }
  });

  it('S8: no preflight request succeeds', async () => {
    const headers = { Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'POST' };
    assertProblem(await send(head('OPTIONS /api/style-transfer', headers)), 405, 'method_not_allowed');
  });
});

describe('S10: what the storage says', () => {
  const tampered: [what: string, record: (jobId: string) => string, code: string][] = [
    ['no JSON', () => '<script>', 'record_unreadable'],
    ['another shape', () => '{"v":1,"writeId":"x","job":{"status":"completed"}}', 'record_unreadable'],
    [
      'a status that does not exist',
      (jobId) => JSON.stringify({ v: 1, writeId: 'x', job: { ...someJob(), jobId, status: 'owned' } }),
      'record_unreadable',
    ],
    ['a later version', () => '{"v":2}', 'newer_version'],
  ];

  for (const [what, record, code] of tampered) {
    it(`S10: a record with ${what} is a clear error`, async () => {
      const jobId = crypto.randomUUID();
      await service.storage.images.put(`jobs/${jobId}.json`, Buffer.from(record(jobId)), 'application/json');
      for (const route of ['status', 'result']) {
        const problem = assertProblem(await send(get(`/api/${route}/${jobId}`)), 500, code);
        assert.ok(problem.detail.includes(jobId) && !problem.detail.includes('script'), problem.detail);
      }
      await service.storage.images.delete(`jobs/${jobId}.json`);
    });
  }

  it('S10: a worker report that is none is passed over', async () => {
    await service.storage.images.put('workers/forged', Buffer.from('junk'), 'text/plain');
    assert.equal((await send(get('/api/health'))).status, 200);
    await service.storage.images.delete('workers/forged');
  });
});

describe('S11: ids', () => {
  it('S11: every job gets a random id, version 4, and none twice', async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 30; i += 1) ids.add(assertAccepted(await send(post(jobWith()))).job_id);
    assert.equal(ids.size, 30);
  });
});

describe('S16: results', () => {
  it('S16: a result is served as the picture that its record says, whatever type its blob claims', async () => {
    const { jobId } = await completedJob(Buffer.from('<script>alert(1)</script>'), 'text/html');
    const answer = await send(get(`/api/result/${jobId}`, { Accept: 'text/html' }));
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'image/png']);
    assert.equal(answer.headers['content-disposition'], `inline; filename="impasto-${jobId}.png"`);
    assertSafe(answer);
  });
});

describe('S19: paths', () => {
  it('S19: an id leads to its own record and nowhere else', async () => {
    const { jobId } = await completedJob();
    const ways = [
      `%2e%2e%2fjobs%2f${jobId}`,
      `${jobId}%2f..%2f${jobId}`,
      `${jobId}.json`,
      `jobs%2f${jobId}`,
      `./${jobId}%00`,
    ];
    for (const way of ways) assertProblem(await send(get(`/api/status/${way}`)), 404, 'job_not_found');
    assertProblem(await send(get(`/api/status/x/${jobId}`)), 404, 'not_found');
  });
});

describe('S22: prototypes', () => {
  it('S22: a body cannot change what later bodies are read with', async () => {
    for (const members of ['"__proto__":{"seed":7}', '"constructor":{"prototype":{"seed":7}}'])
      assertProblem(await send(post(jobAnd(members))), 422, 'unknown_field');
    assert.equal((await submitted(post(jobWith()))).parameters.seed, undefined);
  });
});

describe('S27: addresses of this machine', () => {
  function others(): string[] {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const outside = all.filter((one) => !one.internal && one.family === 'IPv4').map((one) => one.address);
    // On Linux the whole of 127/8 is there, and a server on every address would answer on it.
    return process.platform === 'linux' ? [...outside, '127.0.0.2'] : outside;
  }

  function isOpen(host: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host, port, timeout: 2_000 }, () => resolve(true));
      socket.once('error', () => resolve(false)).once('timeout', () => resolve(false));
      socket.once('close', () => socket.destroy());
      socket.once('connect', () => socket.destroy());
    });
  }

  it('S27: door and storage listen on the loopback address only', async () => {
    const storagePorts = [...service.connectionString.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) =>
      Number(port),
    );
    assert.equal(storagePorts.length, 2);
    for (const port of [service.port, ...storagePorts]) {
      assert.equal(await isOpen('127.0.0.1', port), true);
      for (const host of others()) assert.equal(await isOpen(host, port), false, `${host}:${port}`);
    }
  });
});
