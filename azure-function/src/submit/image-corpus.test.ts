// Picture files at the door: what is refused from its first bytes, and that what only looks odd is let in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCatalogue } from '@impasto/shared';
import { makeMemoryImageStore, makeMemoryJobQueue, makeMemoryJobStore } from '@impasto/shared/testing';
import { flatGif, flatJpeg, refusedPictures, tiffOf, tinyPng } from '@impasto/shared/testing/pictures';
import { postJson, problemOf } from '../testing/invoke.ts';
import { makeTestSubmit } from '../testing/submitting.ts';

const good = tinyPng(32, 24);

async function submit(content: Buffer, style: Buffer) {
  const created: string[] = [];
  const memoryJobs = makeMemoryJobStore();
  const jobs = {
    ...memoryJobs,
    create: async (...given: Parameters<typeof memoryJobs.create>) => {
      created.push(given[0].jobId);
      await memoryJobs.create(...given);
    },
  };
  const images = makeMemoryImageStore();
  const queue = makeMemoryJobQueue();
  const handler = makeTestSubmit({ jobs, images, queue });
  const body = { content_image: content.toString('base64'), style_image: style.toString('base64') };
  const answer = await postJson(handler, body);
  return { answer, stored: [...created, ...images.keys()], messages: await queue.countMessages() };
}

describe('picture files at the door', () => {
  for (const { id, what, file, code, says } of refusedPictures) {
    it(`${id}: ${what} is refused as ${code}, and nothing is stored`, async () => {
      for (const field of ['content_image', 'style_image']) {
        const [content, style] = field === 'content_image' ? [file(), good] : [good, file()];
        const { answer, stored, messages } = await submit(content, style);
        const problem = problemOf(answer);
        assert.deepEqual([answer.status, problem.code], [errorCatalogue[code].status, code]);
        assert.deepEqual(
          problem.errors?.map((one) => one.pointer),
          [`/${field}`],
        );
        assert.match(problem.detail, says ?? new RegExp(field));
        assert.deepEqual([stored, messages], [[], 0]);
      }
    });
  }

  it('I1: no bytes at all are a missing image', async () => {
    const { answer, stored } = await submit(Buffer.alloc(0), good);
    assert.deepEqual([answer.status, problemOf(answer).code, stored], [422, 'required', []]);
  });

  const accepted: readonly (readonly [what: string, file: Buffer])[] = [
    ['a picture of the smallest size', tinyPng(16, 16)],
    ['a picture of 1 to 50', tinyPng(16, 800)],
    ['a PNG of nearly 50 megapixels', tinyPng(16, 16, { width: 10_000, height: 5_000 })],
    ['a CMYK JPEG', flatJpeg(16, [10, 20, 30, 40])],
    ['a GIF of 300 frames', flatGif([[255, 0, 0]], Array(300).fill(0))],
    [
      'a TIFF of 32-bit integers, which only a decoder can judge',
      tiffOf({ width: 20, height: 16, bits: 32 }),
    ],
  ];
  for (const [what, file] of accepted) {
    it(`${what} is let in`, async () => {
      const { answer, stored, messages } = await submit(file, good);
      assert.equal(answer.status, 202, JSON.stringify(answer.body));
      assert.deepEqual([stored.length, messages], [3, 1]);
    });
  }
});
