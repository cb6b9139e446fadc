import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { afterAttempt, maxWebhookAttempts } from './retry-schedule.ts';

const failed = { kind: 'failed' } as const;
const refused = (httpStatus: number, retryAfterSeconds?: number) =>
  ({ kind: 'refused', httpStatus, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }) as const;
const day = 24 * 3600;

const attempts = fc.integer({ min: 1, max: maxWebhookAttempts - 1 });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const asked = fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined });

function delayAfter(attempt: number, outcome: Parameters<typeof afterAttempt>[1], random: number): number {
  const next = afterAttempt(attempt, outcome, random);
  assert.equal(next.step, 'retry');
  return next.step === 'retry' ? next.delaySeconds : Number.NaN;
}

describe('afterAttempt', () => {
  it('makes ten attempts over about 75 hours, after the delays of the specification', () => {
    const delays = Array.from({ length: maxWebhookAttempts - 1 }, (_, index) =>
      delayAfter(index + 1, failed, 0),
    );
    assert.deepEqual(delays, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    assert.equal(Math.floor(delays.reduce((sum, delay) => sum + delay) / 3600), 75);
    assert.deepEqual(afterAttempt(10, failed, 0), { step: 'exhausted' });
  });

  it('adds at most a tenth to the longer of its own delay and the one that was asked for, up to a day', () => {
    fc.assert(
      fc.property(attempts, asked, randoms, (attempt, seconds, random) => {
        const scheduled = delayAfter(attempt, failed, 0);
        const least = Math.max(scheduled, Math.min(seconds ?? 0, day));
        const delay = delayAfter(attempt, refused(503, seconds), random);
        assert.ok(Number.isInteger(delay) && delay >= least && delay <= Math.ceil(least * 1.1));
      }),
    );
  });

  it('ends at success and at 410 at once, and never retries for ever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 300, max: 599 }), (attempt, status) => {
        assert.deepEqual(afterAttempt(attempt, { kind: 'delivered', httpStatus: 204 }), {
          step: 'delivered',
        });
        const { step } = afterAttempt(attempt, refused(status));
        const open = attempt < maxWebhookAttempts ? 'retry' : 'exhausted';
        assert.equal(step, status === 410 ? 'disabled' : open);
      }),
    );
  });
});
