import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toBase64, withBtoa } from './base64.ts';

test('both ways agree with the known encoding, also for a part of a larger buffer', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 70_000 }), fc.nat(10), (all, start) => {
    const bytes = all.subarray(start);
    const expected = Buffer.from([...bytes]).toString('base64');
    assert.equal(toBase64(bytes), expected);
    assert.equal(withBtoa(bytes), expected);
  });
  fc.assert(property, { numRuns: 30 });
});

test('the pieces join where they meet', () => {
  for (const length of [24575, 24576, 24577, 49152]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) % 256);
    assert.equal(withBtoa(bytes), Buffer.from(bytes).toString('base64'));
  }
});
