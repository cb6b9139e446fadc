import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpRequest } from '@azure/functions';
import { JobError, makeLogger, statusViewSchema } from '@impasto/shared';
import { claimed, setUpCompleted, setUpJob } from '../testing/job-scene.ts';
import { testRetention } from '../testing/views.ts';
import { makeViewJob } from './job-view.ts';

const request = new HttpRequest({ method: 'GET', url: 'https://api.example/api/status/x' });

type Sign = Parameters<typeof makeViewJob>[0]['images']['sign'];

function viewer(sign: Sign) {
  const lines: string[] = [];
  const log = makeLogger({ level: 'info', write: (line) => lines.push(line) });
  const outlookOf = async () => {
    throw new Error('nobody asks for the outlook of a finished job');
  };
  return { lines, view: makeViewJob({ images: { sign }, outlookOf, retention: testRetention, log }) };
}

describe('the view of a job', () => {
  it('has an address of each picture, signed for half an hour, under a name of our own', async () => {
    const { job } = await setUpCompleted();
    const signed: string[] = [];
    const { view } = viewer(async (key, { seconds, fileName }) => {
      signed.push(`${key} ${seconds} ${fileName}`);
      return { url: `https://images.example/${key}`, expiresAt: '2026-01-02T03:34:05.000Z' };
    });
    const { result } = statusViewSchema.parse(await view(request, job));
    const key = `results/${job.jobId}/1-a.png`;
    assert.deepEqual(signed.sort(), [
      `${key} 1800 impasto-${job.jobId}.png`,
      `${key}.thumbnail.webp 1800 impasto-${job.jobId}-small.webp`,
    ]);
    assert.deepEqual(
      [result?.result_url, result?.thumbnail_url, result?.url_expires_at],
      [
        `https://images.example/${key}`,
        `https://images.example/${key}.thumbnail.webp`,
        '2026-01-02T03:34:05.000Z',
      ],
    );
  });

  it('has the address of the API where nobody can sign, and the log says so once', async () => {
    const { job, deps } = await setUpCompleted();
    let works = false;
    const { view, lines } = viewer(async (key, options) => {
      if (!works) throw new JobError('storage_unavailable', 'not allowed to sign');
      return await deps.images.sign(key, options);
    });
    for (let times = 0; times < 3; times += 1) {
      const { result, expires_at, urls } = statusViewSchema.parse(await view(request, job));
      assert.deepEqual(
        [result?.result_url, result?.thumbnail_url, result?.url_expires_at],
        [urls.result, null, expires_at],
      );
    }
    works = true;
    await view(request, job);
    await view(request, job);
    const events = lines.map((line) => JSON.parse(line).event);
    assert.deepEqual(events, ['signing.failed', 'signing.works']);
  });

  it('of an unfinished job signs nothing', async () => {
    const { job } = await setUpJob(claimed);
    const images = {
      sign: async () => {
        throw new Error('nothing to sign');
      },
    };
    const outlook = {
      queuePosition: null,
      wait: {
        reason: 'in_work',
        workers: { ready: 0, starting: 0, busy: 1, unhealthy: 0 },
        estimated_seconds: { low: 1, high: 2 },
        basis: { job_seconds: 'assumed', cold_start: 'not_needed', observed_jobs: 0 },
      },
    } as const;
    const log = makeLogger({ level: 'info', write: (line) => assert.fail(line) });
    const view = makeViewJob({ images, outlookOf: async () => outlook, retention: testRetention, log });
    assert.equal((await view(request, job)).result, undefined);
  });
});
