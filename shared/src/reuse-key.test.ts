import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Picture, reuseKey } from './reuse-key.ts';
import { someParameters } from './testing/fixtures.ts';

const picture: Picture = {
  owner: '',
  contentSha256: 'a'.repeat(64),
  styleSha256: 'b'.repeat(64),
  model: 'impasto-v1@1.0.0',
  parameters: someParameters,
};

describe('the key of a picture', () => {
  it('is the same for the same picture, in whatever order its parameters are', () => {
    const turned = Object.fromEntries(Object.entries(someParameters).reverse()) as typeof someParameters;
    assert.equal(reuseKey({ ...picture, parameters: turned }), reuseKey(picture));
    assert.match(reuseKey(picture), /^[0-9a-f]{64}$/);
  });

  it('is another for another owner, image, model, version or parameter', () => {
    const others: Picture[] = [
      picture,
      { ...picture, owner: 'somebody' },
      { ...picture, contentSha256: picture.styleSha256, styleSha256: picture.contentSha256 },
      { ...picture, styleSha256: 'c'.repeat(64) },
      { ...picture, model: 'impasto-v1@1.0.1' },
      { ...picture, model: 'other@1.0.0' },
      { ...picture, parameters: { ...someParameters, influence: 0.71 } },
      { ...picture, parameters: { ...someParameters, seed: 1 } },
    ];
    assert.equal(new Set(others.map(reuseKey)).size, others.length);
  });
});
