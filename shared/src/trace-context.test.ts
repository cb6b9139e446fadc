import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { continueTrace, traceIdOf } from './trace-context.ts';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace context', () => {
  it("keeps the caller's trace and makes a span of its own", () => {
    const ours = continueTrace(parent);
    assert.equal(traceIdOf(ours), '0af7651916cd43dd8448eb211c80319c');
    assert.notEqual(ours, parent);
  });

  it('starts a new trace where there is none, or none that can be read', () => {
    for (const bad of [
      undefined,
      null,
      '',
      'x',
      parent.replace('00-', '99-'),
      parent.toUpperCase(),
      `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    ]) {
      assert.match(continueTrace(bad), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      assert.notEqual(traceIdOf(continueTrace(bad)), '');
    }
  });
});
