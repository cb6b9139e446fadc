import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from '@impasto/shared';
import { someJob } from '@impasto/shared/testing';
import { linksFrom } from '../jobs/job-links.ts';
import { signedSeconds } from '../jobs/job-view.ts';
import { resultOf } from '../testing/job-scene.ts';
import { signingMark, viewTag } from './entity-tag.ts';

const stored = (job: Job, version = 'v1') => ({ job, version, ageSeconds: 0 });
const queued = stored(someJob());
const completed = stored({
  ...someJob(),
  status: 'completed',
  completedAt: '2026-01-02T03:04:06.000Z',
  result: resultOf({ jobId: 'x' }),
});
const minute = 60_000;
const start = Date.parse('2026-01-02T03:04:05Z');

describe('the tag of a view', () => {
  it('is a quoted one, another for each version of the record and each form of the view', () => {
    const tags = [
      viewTag(queued),
      viewTag(queued, 'none'),
      viewTag(stored(someJob(), 'v2')),
      viewTag(completed),
      viewTag(completed, 'none'),
    ];
    assert.equal(new Set(tags).size, tags.length);
    for (const tag of tags) assert.match(tag, /^"[\w-]+"$/);
  });

  it('is another one where the address of the API stands for one that nobody could sign', () => {
    const links = linksFrom('https://impasto.example', 'x');
    assert.equal(signingMark(links.result, links), 'unsigned');
    for (const address of [null, undefined, 'https://storage.example/x.png?sig=a'])
      assert.equal(signingMark(address, links), '');
  });

  it('of an unfinished job does not change with time', () => {
    assert.equal(viewTag(queued, '', start), viewTag(queued, '', start + 3 * 24 * 60 * minute));
  });

  it('never says "not changed" of an address that has less than ten minutes left', () => {
    for (let signed = 0; signed < 60; signed += 1) {
      const tag = viewTag(completed, '', start + signed * minute);
      const endsAt = start + signed * minute + signedSeconds * 1000;
      for (let now = start + signed * minute; now < endsAt + 60 * minute; now += minute)
        if (viewTag(completed, '', now) === tag) assert.ok(endsAt - now >= 10 * minute);
    }
  });

  it('of a completed job stays the same for minutes', () => {
    const tags = Array.from({ length: 40 }, (_, passed) => viewTag(completed, '', start + passed * minute));
    assert.equal(new Set(tags).size, 3);
  });
});
