import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listText, outlookText, statusText, tableText } from './cli-text.ts';
import { completedView, jobId, statusView, waitView } from './scripted-views.ts';

const workers = { ready: 0, starting: 0, busy: 0, unhealthy: 0 };

function outlook(queuePosition: number | null, wait: object): string {
  return outlookText({ queue_position: queuePosition, wait: waitView(wait) });
}

test('what a job waits for is told by position, reason and estimate', () => {
  const starting = { reason: 'no_worker', workers: { ...workers, starting: 1 } };
  const cases: [string, string][] = [
    [outlook(2, starting), '2 jobs ahead; no worker yet, one is starting; 20-60 s'],
    [outlook(0, { reason: 'no_worker', workers }), 'no worker yet; 20-60 s'],
    [outlook(1, {}), '1 job ahead; 20-60 s'],
    [outlook(0, {}), 'other jobs come first; 20-60 s'],
    [outlook(0, { reason: 'workers_unhealthy' }), 'no worker is well; 20-60 s'],
    [outlook(null, { reason: 'in_work', estimated_seconds: { low: 3.2, high: 3.9 } }), 'in work; 3-4 s'],
    [outlook(9, { estimated_seconds: { low: 90, high: 400 } }), '9 jobs ahead; 1-7 min'],
    [outlook(null, { reason: 'constructor', estimated_seconds: { low: 5, high: 5 } }), 'constructor; 5 s'],
    [outlook(null, { reason: 'moon_phase', estimated_seconds: { low: 5, high: 5 } }), 'moon phase; 5 s'],
  ];
  for (const [told, expected] of cases) assert.equal(told, expected);
});

test('the state of a job tells what it waits for, how long it is kept, and where its picture is from', () => {
  const waiting = statusText(
    statusView({ status: 'queued', phase: 'queued', queue_position: 1, wait: waitView() }),
  );
  assert.match(waiting, /queued\n {2}queued, 40%, attempt 1\n {2}1 job ahead; 20-60 s\n/);
  const kept = statusText({
    ...completedView(),
    expires_at: '2030-01-02T00:00:00.000Z',
    cache: { hit: true, source_job_id: jobId },
  });
  assert.match(kept, /\n {2}kept until 2030-01-02T00:00:00\.000Z\n {2}the same picture as of job 3e2d7a44/);
});

test('a list has a line for each job, in columns, with nothing at the ends', () => {
  const jobs = [completedView(), statusView({ metadata: { album: 'a b', n: '1' } })];
  const created = '2030-01-01T00:00:00.000Z';
  assert.equal(
    listText(jobs),
    `${jobId}  completed   ${created}  impasto-v1\n` +
      `${jobId}  processing  ${created}  impasto-v1  album="a b" n="1"`,
  );
  assert.equal(listText([]), 'no jobs');
  assert.equal(tableText([]), '');
});
