import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSafeDecoder } from './decoder-version.ts';

describe('S35: the version of the decoder', () => {
  it('S35: is one without known holes', () => {
    assertSafeDecoder();
    for (const later of ['0.35.0', '0.35.5', '0.36.0', '1.0.0']) assertSafeDecoder(later);
  });

  it('S35: is refused when it is an older one, or none', () => {
    for (const older of ['0.34.9', '0.9.99', '0.34.10', ''])
      assert.throws(() => assertSafeDecoder(older), { code: 'model_unavailable' }, older);
  });
});
