// The corpus, rows A31 to A66: fields with values that are not theirs, and base64 that is none.
import { limits } from '@impasto/shared';
import { good, jobAnd, jobWith, png, pngText } from './pictures.ts';
import { post } from './raw-http.ts';
import type { Row } from './row.ts';

type Case = readonly [id: string, what: string, changes: Readonly<Record<string, unknown>> | string];

/** Refusals of one code on account of one field; `changes` are those to a good submission, or all of the body. */
function refused(field: string, code: string, status: number, cases: readonly Case[]): Row[] {
  return cases.map(([id, what, changes]) => {
    const request = () => post(typeof changes === 'string' ? changes : jobWith(changes));
    return { id, what, request, status, code, pointer: `/${field}` };
  });
}

const { content_image: _content, ...noContent } = good;
const { style_image: _style, ...noStyle } = good;

const fields: Row[] = [
  ...refused('content_image', 'required', 422, [
    ['A31', 'no content image', JSON.stringify(noContent)],
    ['A35', 'an empty image', { content_image: '' }],
  ]),
  ...refused('style_image', 'required', 422, [['A32', 'no style image', JSON.stringify(noStyle)]]),
  ...refused('content_image', 'invalid_type', 422, [
    ['A33', 'null as an image', { content_image: null }],
    ['A34', 'a number as an image', { content_image: 7 }],
  ]),
  ...refused('influence', 'invalid_type', 422, [
    ['A36', 'influence as text', { influence: '0.5' }],
    ['A37', 'an influence of 1e400', jobAnd('"influence":1e400')],
    ['A40', 'null as influence', { influence: null }],
    ['A41', 'true as influence', { influence: true }],
  ]),
  ...refused('influence', 'out_of_range', 422, [
    ['A38', 'an influence of -0.01', { influence: -0.01 }],
    ['A39', 'an influence of 1.0000001', { influence: 1.000_000_1 }],
  ]),
  ...refused('additional_prompt', 'too_long', 422, [
    ['A43', 'a prompt of 501 characters', { additional_prompt: 'x'.repeat(501) }],
  ]),
  ...refused('additional_prompt', 'invalid_text', 422, [
    ['A44', 'half a surrogate pair', jobAnd('"additional_prompt":"a\\ud800"')],
  ]),
  ...refused('max_side', 'out_of_range', 422, [
    ['A46', 'a side of 0', { max_side: 0 }],
    ['A46b', 'a side of -1', { max_side: -1 }],
    ['A46c', 'a side of 4097', { max_side: 4097 }],
  ]),
  ...refused('max_side', 'invalid_type', 422, [
    ['A46d', 'a side of 100.5', { max_side: 100.5 }],
    ['A46e', 'a side as text', { max_side: '1024' }],
  ]),
  ...refused('output_format', 'invalid_value', 422, [
    ['A47', 'bmp as a format', { output_format: 'bmp' }],
    ['A47b', 'PNG with a blank', { output_format: 'PNG ' }],
  ]),
  ...refused('output_quality', 'out_of_range', 422, [
    ['A48', 'a quality of 0', { output_quality: 0 }],
    ['A48b', 'a quality of 101 with a png', { output_quality: 101, output_format: 'png' }],
  ]),
  ...refused('model', 'unknown_model', 422, [
    ['A49', 'a model outside the folder', { model: '../x' }],
    ['A49b', 'a model with a path', { model: 'a/b' }],
    ['A49c', 'a model that is not there', { model: 'impasto-v999' }],
    ['A49d', 'a model that every object has', { model: 'constructor' }],
  ]),
  ...refused('seed', 'out_of_range', 422, [['A50', 'a seed of 2^53', { seed: 2 ** 53 }]]),
  ...refused('metadata/my key', 'invalid_value', 422, [
    ['A50b', 'a blank in the name of a note', { metadata: { 'my key': 'x' } }],
  ]),
  ...refused('metadata/a', 'invalid_text', 422, [
    ['A50c', 'half a surrogate pair in a note', jobAnd('"metadata":{"a":"\\ud800"}')],
  ]),
  ...refused('metadata', 'invalid_value', 422, [
    [
      'A50d',
      '17 notes',
      { metadata: Object.fromEntries([...Array(17).keys()].map((key) => [`k${key}`, ''])) },
    ],
  ]),
  ...refused('webhook_url', 'required', 422, [
    ['A50e', 'events without a receiver', { webhook_events: ['job.failed'] }],
  ]),
  ...refused('retention_hours', 'out_of_range', 422, [
    ['A50f', 'a retention of no time', { retention_hours: 0 }],
    ['A50g', 'a retention of 31 days', { retention_hours: 31 * 24 }],
  ]),
];

const inserted = (text: string) => ({ content_image: `${pngText.slice(0, 8)}${text}${pngText.slice(8)}` });
/** One byte more than whole threes, so that its base64 ends in padding. */
const padded = Buffer.concat([png, Buffer.alloc((4 - (png.length % 3)) % 3)]).toString('base64');

/** Characters of base64 that stand for more bytes than an image may have, and that no decoder takes. */
const tooManyBytes = '!'.repeat(Math.ceil((limits.maxImageBytes + 1) / 3) * 4);
const tooManyValid = 'A'.repeat(48 * 1024 * 1024);

const base64: Row[] = [
  ...refused('content_image', 'invalid_base64', 422, [
    ['A51', 'no padding', { content_image: padded.replace('==', '') }],
    ['A52', 'the url-safe alphabet', { content_image: '-_-_' }],
    ['A53', 'a line end inside', inserted('\n')],
    ['A54', 'junk inside', inserted('!!!!')],
    ['A55', 'padding in the middle', { content_image: 'aGk=aGk=' }],
    ['A56', 'text after the padding', { content_image: 'aGk=aG' }],
    ['A57', 'spare bits that are not zero', { content_image: 'aGVsbG9=' }],
    ['A58', 'only padding', { content_image: '====' }],
    ['A59', 'one character', { content_image: 'a' }],
    ['A61', 'a data URI without ;base64', { content_image: `data:image/png,${pngText}` }],
    ['A61b', 'a data URI with another encoding', { content_image: `data:image/png;base32,${pngText}` }],
    ['A62', 'a data URI of HTML', { content_image: `data:text/html;base64,${pngText}` }],
    ['A64', 'a data URI with two commas', { content_image: `data:image/png;base64,,${pngText}` }],
  ]),
  ...refused('content_image', 'image_too_large', 413, [
    ['A65', 'one byte too many, found without decoding', { content_image: tooManyBytes }],
    ['A66b', '48 MB of valid base64 in one field', { content_image: tooManyValid }],
  ]),
  {
    id: 'A66',
    what: '60 MB of valid base64',
    request: () => post(jobWith({ content_image: 'A'.repeat(60 * 1024 * 1024) })),
    status: 413,
    code: 'body_too_large',
  },
];

export const fieldRows: readonly Row[] = [...fields, ...base64];
