import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { retryAfterSeconds } from './retry-after.ts';

const date = 'Tue, 01 Jan 2030 00:00:00 GMT';

function asked(retryAfter: string, more: Record<string, string> = {}): number | undefined {
  return retryAfterSeconds(new Headers({ 'retry-after': retryAfter, ...more }));
}

describe('Retry-After', () => {
  test('is read as whole seconds', () => {
    assert.equal(asked('3'), 3);
    assert.equal(asked(' 0 '), 0);
  });

  test("is read as a date against the answer's own clock", () => {
    assert.equal(asked('Tue, 01 Jan 2030 00:00:07 GMT', { date }), 7);
    assert.equal(asked('Tue, 01 Jan 2030 00:00:00 GMT', { date: 'Tue, 01 Jan 2030 00:01:00 GMT' }), 0);
  });

  test('is ignored where it is neither', () => {
    const no = ['', 'soon', '-1', '1.5', '3s', '2030-01-01', 'Sat, 99 Nov 2026 99:99:99 GMT'];
    for (const text of no) assert.equal(asked(text), undefined, text);
    assert.equal(retryAfterSeconds(new Headers()), undefined);
  });

  test('is cut to what a timer can hold', () => {
    assert.equal(asked('99999999999'), 24 * 3600);
    assert.equal(asked('Tue, 01 Jan 2099 00:00:00 GMT', { date }), 24 * 3600);
  });
});
