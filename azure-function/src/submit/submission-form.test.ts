import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError, limits, webhookEvents } from '@impasto/shared';
import { tinyPng } from '@impasto/shared/testing/pictures';
import { type FormRules, parseSubmission } from './submission-form.ts';

const picture = tinyPng(32, 24).toString('base64');
const good = { content_image: picture, style_image: picture };
const webhook_url = 'https://hooks.example.com/x';

function parse(changes: object, rules: Partial<FormRules> = {}) {
  const checkReceiver = (url: string) => new URL(url).href;
  const body = Buffer.from(JSON.stringify({ ...good, ...changes }));
  return parseSubmission(body, { models: [{ name: 'impasto-v1' }], checkReceiver, ...rules });
}

async function problemsOf(changes: object, rules: Partial<FormRules> = {}) {
  const error = await parse(changes, rules).then(
    () => assert.fail('it was taken'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof JobError, String(error));
  return error.fields;
}

const pairs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '']));

describe('what is to be done about a job beside painting it', () => {
  it('has defaults, and takes everything that is allowed', async () => {
    const { handling } = await parse({});
    assert.deepEqual(handling, { metadata: {}, noCache: false });
    const metadata = { ...pairs(limits.maxMetadataPairs - 1), 'a.b_c-d': 'ü'.repeat(256) };
    const given = {
      metadata,
      webhook_url: 'https://hooks.example.com',
      retention_hours: 1.5,
      no_cache: true,
    };
    const { handling: all } = await parse({ ...given, webhook_events: ['job.failed', 'job.failed'] });
    const webhook = { url: 'https://hooks.example.com/', events: ['job.failed'] };
    assert.deepEqual(all, { metadata, webhook, retentionHours: 1.5, noCache: true });
    const { webhook: every } = (await parse({ webhook_url })).handling;
    assert.deepEqual(
      every?.events,
      webhookEvents.filter((event) => event !== 'job.started'),
    );
  });

  const wrong: readonly (readonly [changes: object, pointer: string, code: string, detail: RegExp])[] = [
    [
      { metadata: { 'my key': 'x' } },
      '/metadata/my key',
      'invalid_value',
      /a name of letters, .* each name in metadata/,
    ],
    [{ metadata: { 'a/b~c': 'x' } }, '/metadata/a~1b~0c', 'invalid_value', /a name of letters/],
    [{ metadata: { '': 'x' } }, '/metadata/', 'invalid_value', /a name of letters/],
    [
      { metadata: { ['k'.repeat(65)]: 'x' } },
      `/metadata/${'k'.repeat(65)}`,
      'too_long',
      /at most 64 characters/,
    ],
    [
      { metadata: { a: 5 } },
      '/metadata/a',
      'invalid_type',
      /^Expected string for metadata\.a, received number$/,
    ],
    [
      { metadata: { a: 'x'.repeat(257) } },
      '/metadata/a',
      'too_long',
      /at most 256 characters for metadata\.a$/,
    ],
    [{ metadata: pairs(17) }, '/metadata', 'invalid_value', /^Expected at most 16 pairs for metadata$/],
    [{ metadata: ['a'] }, '/metadata', 'invalid_type', /^Expected object for metadata, received array$/],
    [{ webhook_url: '' }, '/webhook_url', 'required', /a text that is not empty/],
    [{ webhook_url: 'x'.repeat(2049) }, '/webhook_url', 'too_long', /at most 2048 characters/],
    [{ webhook_events: ['job.failed'] }, '/webhook_url', 'required', /webhook_url beside webhook_events/],
    [{ webhook_url, webhook_events: [] }, '/webhook_events', 'out_of_range', /a list that is not empty/],
    [
      { webhook_url, webhook_events: ['job.done'] },
      '/webhook_events/0',
      'invalid_value',
      /one of job\.started, /,
    ],
    [{ retention_hours: 0.5 }, '/retention_hours', 'out_of_range', /^Expected a number of at least 1 for/],
    [{ retention_hours: 721 }, '/retention_hours', 'out_of_range', /^Expected a number of at most 720 for/],
    [{ no_cache: 'yes' }, '/no_cache', 'invalid_type', /^Expected boolean for no_cache, received string$/],
  ];
  for (const [changes, pointer, code, detail] of wrong) {
    it(`is refused as ${code} at ${pointer.slice(0, 30)}: ${JSON.stringify(changes).slice(0, 50)}`, async () => {
      const [problem, ...more] = await problemsOf(changes);
      assert.deepEqual([problem?.pointer, problem?.code, more], [pointer, code, []]);
      assert.match(problem?.detail ?? '', detail);
    });
  }

  it('names what is wrong with the receiver beside everything else, and not the address', async () => {
    const checkReceiver = () => {
      throw new JobError('webhook_url_forbidden', 'Expected another one');
    };
    const problems = await problemsOf({ model: 'nope', webhook_url, content_image: 'a' }, { checkReceiver });
    assert.deepEqual(
      problems.map(({ pointer, code }) => [pointer, code]),
      [
        ['/model', 'unknown_model'],
        ['/webhook_url', 'webhook_url_forbidden'],
        ['/content_image', 'invalid_base64'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(problems), /hooks\.example/);
  });

  it('does not make an answer of a million problems', async () => {
    for (const changes of [{ metadata: pairs(100_000) }, { webhook_events: Array(100_000).fill('x') }]) {
      await assert.rejects(parse(changes), { code: 'invalid_body' });
    }
  });
});
