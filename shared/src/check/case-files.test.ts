import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  makeMemoryDeadLetterStore,
  makeMemoryImageStore,
  makeMemoryJobStore,
  someJob,
} from '../testing/index.ts';
import { type CaseFile, caseFiles } from './case-files.ts';

const letter = {
  state: 'open',
  reason: 'image_corrupt',
  message: '',
  at: '2026-01-02T03:04:05.678Z',
} as const;
const image = Buffer.from('image');

async function collect(files: AsyncIterable<CaseFile>): Promise<CaseFile[]> {
  const all: CaseFile[] = [];
  for await (const file of files) all.push(file);
  return all;
}

describe('caseFiles', () => {
  it('brings together what belongs to one job, over the pages of every listing, each job once', async () => {
    const jobs = makeMemoryJobStore();
    const images = makeMemoryImageStore();
    const deadLetters = makeMemoryDeadLetterStore();
    const expected = new Map<string, string[]>();
    // More than a page of letters, and jobs that lack this or that.
    for (let made = 0; made < 2_500; made += 1) {
      const job = someJob();
      const { jobId } = job;
      const things: string[] = [];
      if (made % 2 === 0) things.push('record');
      if (made % 3 === 0) things.push(`inputs/${jobId}/content`, `inputs/${jobId}/style`);
      if (made % 5 === 0) things.push(`results/${jobId}/1-a.png`);
      if (made % 4 !== 1) things.push(`${jobId}/0`);
      for (const thing of things) {
        if (thing === 'record') await jobs.create(job);
        else if (thing.startsWith(jobId)) await deadLetters.record(thing, letter);
        else await images.put(thing, image, 'image/png');
      }
      if (things.length > 0) expected.set(jobId, things);
    }
    await deadLetters.record('messages/0123', letter);
    const files = await collect(caseFiles({ jobs, images, deadLetters }, {}));
    const found = files.map(({ jobId, listed, images, letters }) => [
      jobId,
      [...(listed ? ['record'] : []), ...images.map(({ key }) => key), ...letters.map(({ name }) => name)],
    ]);
    assert.deepEqual(
      found,
      [...expected].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });

  it('is empty where there is nothing', async () => {
    const storage = {
      jobs: makeMemoryJobStore(),
      images: makeMemoryImageStore(),
      deadLetters: makeMemoryDeadLetterStore(),
    };
    assert.deepEqual(await collect(caseFiles(storage, {})), []);
  });
});
