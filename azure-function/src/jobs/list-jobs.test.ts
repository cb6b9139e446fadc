import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Job, JobError, type JobList, jobListSchema } from '@impasto/shared';
import { makeMemoryPorts, someJob, until } from '@impasto/shared/testing';
import { type Answer, invoke, problemOf } from '../testing/invoke.ts';
import { addJob, claimed, completedWith, failed, type Ports, resultOf } from '../testing/job-scene.ts';
import { serveOverSockets } from '../testing/over-sockets.ts';
import { makeTestViews } from '../testing/views.ts';
import { makeListJobs } from './list-jobs.ts';

const startMs = Date.parse('2026-01-02T03:04:05.000Z');

/** A job sent so many seconds after the first. */
function jobAt(second: number, more: Partial<Job> = {}): Job {
  return { ...someJob(), createdAt: new Date(startMs + second * 1000).toISOString(), ...more } as Job;
}

async function addJobs(ports: Ports, count: number, more: (index: number) => Partial<Job> = () => ({})) {
  const jobs: Job[] = [];
  for (let index = 0; index < count; index += 1)
    jobs.push(await addJob(ports, [], jobAt(index, more(index))));
  return jobs;
}

function lister(ports: Ports, changes: Partial<Ports> = {}) {
  const deps = { ...ports, ...changes };
  const handler = makeListJobs({ ...deps, ...makeTestViews(deps) });
  const ask = (query = '') => invoke(handler, { path: `/api/jobs${query}` });
  return {
    ask,
    list: async (query = ''): Promise<JobList> => {
      const answer = await ask(query);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return jobListSchema.parse(answer.body);
    },
  };
}

const idsOf = ({ jobs }: JobList) => jobs.map(({ job_id }) => job_id);

/** Every page until the last, with what happens between two of them. */
async function everyPage(
  list: (query?: string) => Promise<JobList>,
  query: string,
  between = async () => {},
) {
  const pages: string[][] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: JobList = await list(`?${query}${cursor && `&cursor=${cursor}`}`);
    pages.push(idsOf(page));
    cursor = page.next_cursor;
    await between();
  }
  return pages;
}

describe('the list of jobs', () => {
  it('is empty where there are none', async () => {
    assert.deepEqual(await lister(makeMemoryPorts()).list(), { jobs: [], next_cursor: null });
  });

  it('has twenty on a page, the newest first, and all of them on all pages', async () => {
    const ports = makeMemoryPorts();
    const jobs = await addJobs(ports, 250);
    const newestFirst = jobs.map(({ jobId }) => jobId).reverse();
    const { list } = lister(ports);
    assert.deepEqual(idsOf(await list()), newestFirst.slice(0, 20));
    for (const limit of [1, 7, 100]) {
      const pages = await everyPage(list, `limit=${limit}`);
      assert.deepEqual(pages.flat(), newestFirst);
      assert.ok(pages.slice(0, -1).every((page) => page.length === limit));
    }
  });

  it('shows no job twice and leaves none out while others are sent and removed', async () => {
    const ports = makeMemoryPorts();
    const jobs = await addJobs(ports, 150);
    const old = jobs.map(({ jobId }) => jobId).reverse();
    let next = 1000;
    const pages = await everyPage(lister(ports).list, 'limit=9', async () => {
      for (let count = 0; count < 30; count += 1) await addJob(ports, [], jobAt(next++));
      await ports.jobs.delete(old[0] ?? '', () => true);
    });
    assert.deepEqual(pages.flat(), old);
  });

  it('shows a completed job with addresses of both pictures, and without the picture itself', async () => {
    const ports = makeMemoryPorts();
    const base = someJob();
    await addJob(ports, [claimed, completedWith(resultOf(base))], base);
    const [view] = (await lister(ports).list()).jobs;
    assert.match(view?.result?.result_url ?? '', /1-a\.png\?/);
    assert.match(view?.result?.thumbnail_url ?? '', /1-a\.png\.thumbnail\.webp\?/);
    assert.equal(view?.result?.result_image, undefined);
    assert.ok(Date.parse(view?.result?.url_expires_at ?? '') > Date.now());
    assert.ok(view?.expires_at);
  });

  it('passes over what is gone, was never taken, has no record, is past its time, or cannot be read', async () => {
    const ports = makeMemoryPorts();
    const [gone, withdrawn, bad, kept] = await addJobs(ports, 4);
    assert.ok(gone && withdrawn && bad && kept);
    const old = jobAt(9, { retentionHours: 1 });
    await addJob(ports, [claimed, completedWith(resultOf(old))], old);
    await ports.jobs.delete(gone.jobId, () => true);
    await ports.jobs.update(withdrawn.jobId, (now) => ({ ...now, withdrawn: true }));
    await ports.jobIndex.create(`8232609154999-${randomUUID()}`, {});
    await ports.jobIndex.create('no name of ours', {});
    const jobs: Ports['jobs'] = {
      ...ports.jobs,
      get: async (jobId) => {
        if (jobId === bad.jobId) throw new JobError('record_unreadable', 'torn');
        return await ports.jobs.get(jobId);
      },
    };
    assert.deepEqual(idsOf(await lister(ports, { jobs }).list()), [kept.jobId]);
  });

  it('fails where the storage does, rather than showing too little', async () => {
    const ports = makeMemoryPorts();
    await addJobs(ports, 3);
    const jobs: Ports['jobs'] = {
      ...ports.jobs,
      get: async () => {
        throw new JobError('storage_unavailable', 'no answer');
      },
    };
    assert.equal((await lister(ports, { jobs }).ask()).status, 503);
  });

  it('looks at some hundred records for one page, and then says where to go on', async () => {
    const ports = makeMemoryPorts();
    const jobs = await addJobs(ports, 1200, (index) => ({ metadata: { rare: index === 0 ? 'yes' : 'no' } }));
    let reads = 0;
    const counting: Ports['jobs'] = {
      ...ports.jobs,
      get: (jobId) => {
        reads += 1;
        return ports.jobs.get(jobId);
      },
    };
    const { list } = lister(ports, { jobs: counting });
    const first = await list('?tag=rare:yes');
    assert.ok(first.jobs.length === 0 && first.next_cursor !== null);
    assert.ok(reads >= 450 && reads <= 600, `${reads} reads`);
    const pages = await everyPage(list, 'tag=rare:yes');
    assert.deepEqual(pages.flat(), [jobs[0]?.jobId]);
  });

  it('reads no more records than it shows where nothing is left out', async () => {
    const ports = makeMemoryPorts();
    await addJobs(ports, 60);
    let reads = 0;
    let atOnce = 0;
    let most = 0;
    const jobs: Ports['jobs'] = {
      ...ports.jobs,
      get: async (jobId) => {
        reads += 1;
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise(setImmediate);
        atOnce -= 1;
        return await ports.jobs.get(jobId);
      },
    };
    await lister(ports, { jobs }).list('?limit=50');
    assert.equal(reads, 50);
    assert.ok(most > 4 && most <= 16, `${most} at once`);
  });
});

describe('many who list at once', () => {
  /** A storage that takes its time, and how often it was read. */
  async function setUp(count: number) {
    const ports = makeMemoryPorts();
    await addJobs(ports, count);
    const seen = { reads: 0 };
    const jobs: Ports['jobs'] = {
      ...ports.jobs,
      get: async (jobId) => {
        seen.reads += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        return await ports.jobs.get(jobId);
      },
    };
    const deps = { ...ports, jobs };
    return { seen, handler: makeListJobs({ ...deps, ...makeTestViews(deps) }) };
  }

  it('with filters that match nothing are refused beyond some, and keep nobody from the first page', async () => {
    const { seen, handler } = await setUp(600);
    const ask = (query: string) => invoke(handler, { path: `/api/jobs${query}` });
    const scans = Array.from({ length: 100 }, () => ask('?tag=no:such'));
    await until('scans that have begun', () => seen.reads > 0);
    const before = seen.reads;
    assert.equal((await ask('')).status, 200);
    assert.ok(seen.reads - before < 500, `${seen.reads - before} reads until the first page was there`);
    const answers = await Promise.all(scans);
    const refused = answers.filter(({ status }) => status !== 200);
    assert.equal(refused.length, 80);
    for (const answer of refused) {
      assertRefused(answer, 429, 'too_many_requests');
      assert.equal(answer.headers['retry-after'], '2');
    }
    assert.equal((await ask('?tag=no:such')).status, 200);
  });

  it('are refused beyond some without a filter, too', async () => {
    const { handler } = await setUp(30);
    const all = Array.from({ length: 100 }, () => invoke(handler, { path: '/api/jobs' }));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 429).length, 20);
  });

  it('have nothing read for them once they have left', async (test) => {
    const { seen, handler } = await setUp(400);
    const sockets = await serveOverSockets(test, handler);
    const outgoing = sockets.send('left', { path: '/api/jobs?tag=no:such' });
    await until('a scan that has begun', () => seen.reads > 0);
    outgoing.destroy();
    await until('an answer that has ended', () => sockets.outcomes.has('left'));
    assert.ok(seen.reads < 300, `${seen.reads} reads`);
  });
});

describe('a filter', () => {
  const batchId = randomUUID();

  async function setUp() {
    const ports = makeMemoryPorts();
    const base = jobAt(3, { metadata: { who: 'ann', url: 'http://a:b' } });
    const named = {
      queued: await addJob(ports, [], jobAt(1, { metadata: { who: 'ann' } })),
      failed: await addJob(ports, [claimed, failed], jobAt(2, { batch: { id: batchId, index: 0 } })),
      completed: await addJob(ports, [claimed, completedWith(resultOf(base))], base),
      other: await addJob(ports, [], {
        ...jobAt(4),
        parameters: { ...someJob().parameters, model: 'other' },
      }),
    };
    const names = new Map(Object.entries(named).map(([name, { jobId }]) => [jobId, name]));
    const { ask, list } = lister(ports);
    return { ask, found: async (query: string) => idsOf(await list(query)).map((id) => names.get(id)) };
  }

  it('keeps what has one of the states, the model, the batch, all of the tags', async () => {
    const { found } = await setUp();
    const expected = {
      '?status=queued': ['other', 'queued'],
      '?status=queued,failed': ['other', 'failed', 'queued'],
      '?status=completed&status=failed': ['completed', 'failed'],
      '?status=canceled': [],
      '?model=other': ['other'],
      '?tag=who:ann': ['completed', 'queued'],
      '?tag=who:ann&tag=url:http://a:b': ['completed'],
      '?tag=who:': [],
      '?tag=toString:x': [],
      [`?batch_id=${batchId.toUpperCase()}`]: ['failed'],
      [`?batch_id=${randomUUID()}`]: [],
      '?status=queued&model=other&limit=1': ['other'],
    };
    for (const [query, names] of Object.entries(expected)) assert.deepEqual(await found(query), names, query);
  });

  it('is no key of the platform: that has been seen to already', async () => {
    const { found } = await setUp();
    assert.equal((await found('?code=secret&limit=3')).length, 3);
  });

  it('that is misspelt or wrong is refused, with what is expected', async () => {
    const { ask } = await setUp();
    const wrong: [query: string, code: string, pointer: string, detail: RegExp][] = [
      ['?state=queued', 'unknown_field', '/state', /did you mean status/],
      ['?status=done', 'invalid_value', '/status/0', /queued, processing, completed/],
      ['?status=', 'invalid_value', '/status/0', /queued/],
      ['?limit=0', 'out_of_range', '/limit', /1/],
      ['?limit=101', 'out_of_range', '/limit', /100/],
      ['?limit=ten', 'invalid_type', '/limit', /number/],
      ['?limit=0x10', 'invalid_type', '/limit', /number/],
      ['?limit=1e1', 'invalid_type', '/limit', /number/],
      ['?limit=%20', 'invalid_type', '/limit', /number/],
      ['?limit=1&limit=2', 'invalid_value', '/limit', /one value/],
      ['?tag=who', 'invalid_value', '/tag/0', /key:value/],
      ['?batch_id=x', 'invalid_value', '/batch_id', /batch_id/],
      ['?model=', 'required', '/model', /model/],
    ];
    for (const [query, code, pointer, detail] of wrong) {
      const problem = assertRefused(await ask(query), 422, code);
      assert.equal(problem.errors?.[0]?.pointer, pointer, query);
      assert.match(problem.detail, detail, query);
    }
    const { errors } = assertRefused(await ask('?limit=0&state=x&status=y'), 422, 'invalid_value');
    assert.equal(errors?.length, 3);
  });

  it('takes no cursor but ours', async () => {
    const { ask } = await setUp();
    const forge = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = ['x', '%00', forge({}), forge({ page: 'x' }), forge({ after: '../jobs' }), forge([1])];
    for (const cursor of [...forged, forge({ after: `1-${randomUUID()}` }), forge({ page: 1 })]) {
      const answer = await ask(`?cursor=${cursor}`);
      assertRefused(answer, 400, 'invalid_cursor');
    }
  });
});

function assertRefused(answer: Answer, status: number, code: string) {
  const problem = problemOf(answer);
  assert.deepEqual([answer.status, problem.code], [status, code], JSON.stringify(problem));
  return problem;
}
