import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError, limits } from '@impasto/shared';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { parseBatch } from '../batch/batch-form.ts';
import { parseSubmission } from '../submit/submission-form.ts';
import { parseJson } from './json-body.ts';

const rules = { models: [{ name: 'impasto-v1' }], checkReceiver: (url: string) => url };
const picture = tinyPng(32, 24).toString('base64');
const tooManyParts = { code: 'invalid_body', message: /at most 20000 objects, lists, commas and texts/ };

describe('a body that would take gigabytes once it is parsed', () => {
  const bytes = limits.maxBodyBytes - 1000;
  for (const [what, unit] of Object.entries({
    'empty objects': '{},',
    'empty lists': '[],',
    'lists in lists': '[',
    numbers: '1,',
    texts: '"",',
    'texts without anything between them': '""',
  })) {
    it(`is refused before that: ${what}`, async () => {
      const body = Buffer.from(`{"content_image":[${unit.repeat(bytes / unit.length)}`);
      await assert.rejects(parseJson(body), tooManyParts);
    });
  }

  it('is told by what is outside of its texts', async () => {
    const text = `${'{[,'.repeat(20_000)}\\" \\\\`;
    assert.deepEqual(await parseJson(Buffer.from(`["${text}","${'\\"'.repeat(50_000)}"]`)), [
      JSON.parse(`"${text}"`),
      '"'.repeat(50_000),
    ]);
  });

  it('is not the largest batch that there may be', async () => {
    const many = Array.from({ length: limits.maxBatchJobs }, (_, index) => index);
    const own = { influence: 0.1, creativity: 0.2, additional_prompt: ',{"'.repeat(160), seed: 5 };
    const rest = { output_format: 'jpeg', output_quality: 80, max_side: 64, model: 'impasto-v1' };
    const pictures = many.map(() => picture);
    const items = many.map((place) => ({ content: place, style: place, ...own, ...rest }));
    const body = { content_images: pictures, style_images: pictures, items };
    const { items: taken } = await parseBatch(Buffer.from(JSON.stringify(body, null, 4)), rules);
    assert.equal(taken.length, limits.maxBatchJobs);
  });
});

describe('a field with the name __proto__', () => {
  const good = `"content_image":"${picture}","style_image":"${picture}"`;
  const lists = `"content_images":["${picture}"],"style_images":["${picture}"]`;

  it('is refused wherever it is, and not lost', async () => {
    const refusedAs = (code: string, pointer: string) => (error: unknown) => {
      assert.ok(error instanceof JobError);
      assert.deepEqual(
        error.fields.map((one) => [one.code, one.pointer]),
        [[code, pointer]],
      );
      return true;
    };
    const inMetadata = '"metadata":{"__proto__":"a"}';
    const inItem = '"items":[{"content":0,"style":0,"__proto__":{"seed":1}}]';
    const job = (more: string) => parseSubmission(Buffer.from(`{${good},${more}}`), rules);
    const batch = (more: string) => parseBatch(Buffer.from(`{${lists},${more}}`), rules);
    for (const parse of [job, batch]) {
      await assert.rejects(parse(inMetadata), refusedAs('invalid_value', '/metadata/__proto__'));
      await assert.rejects(parse('"__proto__":{"seed":1}'), refusedAs('unknown_field', '/__proto__'));
    }
    await assert.rejects(batch(inItem), refusedAs('unknown_field', '/items/0/__proto__'));
  });
});
