import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedScaleSettings } from '@impasto/scale';
import { runAutoscaler } from './autoscaler.ts';

const settings = {
  ...fixedScaleSettings,
  ...{ maxReplicas: 3, queueLength: 1, cooldownSeconds: 0, pollingSeconds: 0.001, syncSeconds: 0.001 },
};

/** Runs over these counts, an Error being a failed look, and gives back what the pool was told each time. */
async function over(counts: readonly (number | Error)[], more: Partial<typeof settings> = {}) {
  const stop = new AbortController();
  const told: number[] = [];
  const printed: string[] = [];
  const countMessages = async () => {
    const count = counts[told.length];
    if (count instanceof Error) throw count;
    return count ?? 0;
  };
  const reconcile = (replicas: number) => {
    told.push(replicas);
    if (told.length === counts.length) stop.abort();
  };
  const print = (line: string) => void printed.push(line);
  const all = { ...settings, ...more };
  await runAutoscaler({ queue: { countMessages }, pool: { reconcile }, settings: all, print }, stop.signal);
  return { told, printed };
}

test('the pool is told at each look, also when nothing has changed', async () => {
  assert.deepEqual((await over([0, 2, 2, 5, 0])).told, [0, 2, 2, 3, 0]);
});

test('the number stays when the queue cannot be read, which is said once', async () => {
  const down = new Error('connection refused');
  const { told, printed } = await over([2, down, down, down, 1]);
  assert.deepEqual(told.slice(0, 4), [2, 2, 2, 2]);
  assert.deepEqual(printed, ['the queue cannot be read: connection refused']);
});

test('each clock has its own pace: who is woken is joined by others only when the second clock ticks', async () => {
  // The second clock ticks at the first look and never again: at that look nobody had to be there yet.
  assert.deepEqual((await over([0, 5, 5, 5], { syncSeconds: 3_600 })).told, [0, 1, 1, 1]);
});
