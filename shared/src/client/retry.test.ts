import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { StyleTransferError } from './error.ts';
import { pauseSeconds, sleep, withDeadline, withRetries } from './retry.ts';

test('a pause is never shorter than what the service asks for', () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 1000 }),
      fraction,
      (failures, least, random) => {
        assert.ok(pauseSeconds(failures, least, random) >= least);
      },
    ),
  );
});

test('pauses double from half a second up to half a minute', () => {
  const pauses = [1, 2, 3, 4, 20].map((failures) => pauseSeconds(failures, undefined, 1));
  assert.deepEqual(pauses, [0.5, 1, 2, 4, 30]);
});

describe('withRetries', () => {
  const busy = (seconds?: number) => new StyleTransferError('busy', 'Busy.', { retryAfterSeconds: seconds });

  test('gives up at once when the service asks for more than the budget', async () => {
    let calls = 0;
    const attempt = async () => {
      calls++;
      throw busy(90);
    };
    await assert.rejects(withRetries(attempt, { mayRetry: () => true, budgetSeconds: 60 }), { code: 'busy' });
    assert.equal(calls, 1);
  });

  test('never repeats what the policy forbids, nor an error that is not its own', async () => {
    const thrown = [busy(0), new TypeError('a bug')];
    for (const error of thrown) {
      let calls = 0;
      const attempt = async () => {
        calls++;
        throw error;
      };
      await assert.rejects(withRetries(attempt, { mayRetry: () => false, budgetSeconds: 60 }), error);
      assert.equal(calls, 1);
    }
  });
});

test('sleep ends as soon as its signal is aborted, also when it was before', async () => {
  const controller = new AbortController();
  const sleeping = sleep(3600, controller.signal);
  controller.abort();
  await sleeping;
  await sleep(3600, controller.signal);
  assert.ok(controller.signal.aborted);
});

test("a deadline makes its own error, and the caller's signal keeps the action's", async () => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      if (signal.aborted) reject(new Error('stopped'));
      signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
  const late = () => new Error('late');
  await assert.rejects(withDeadline(0.01, undefined, untilAborted, late), /late/);
  await assert.rejects(withDeadline(3600, AbortSignal.abort(), untilAborted, late), /stopped/);
});
