import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { roundPrices } from '../testing/round-inputs.ts';
import { billFor, type Component } from './bill.ts';
import { type PriceName, priceNames, pricesFile, pricesSchema } from './prices.ts';
import { monthlyUsage } from './usage.ts';

const nothing = { cold: 0, busy: 0, idle: 0, leaving: 0 };
const t4 = { gpu: 't4', vcpu: 8, memoryGib: 56 } as const;
const quiet = {
  ...{ days: 30, jobs: 0, side: 1_024, replica: t4, replicaSeconds: nothing, scalerLooks: 0, pollSeconds: 1 },
};

test('what is paid for is every second of every state, times the size of the replica, a month of 30 days', () => {
  const usage = monthlyUsage({
    ...quiet,
    days: 3,
    replicaSeconds: { cold: 10, busy: 20, idle: 60, leaving: 10 },
  });
  // 100 s in 3 days are 1,000 s a month.
  assert.deepEqual(
    [usage.gpuT4Second, usage.gpuA100Second, usage.vcpuSecond, usage.gibSecond],
    [1_000, 0, 8_000, 56_000],
  );
});

test('what is free is taken off before anything is paid for, and never more than there is', () => {
  const usage = { ...noUsage(), gpuT4Second: 1_000, vcpuSecond: 8_000, gibSecond: 10 };
  const prices = roundPrices({
    gpuT4Second: { price: 2 },
    vcpuSecond: { price: 3, free: 7_000 },
    gibSecond: { price: 5, free: 100 },
  });
  const bill = billFor(usage, prices);
  // 1,000 * 2 + (8,000 - 7,000) * 3 + 0.
  assert.deepEqual(
    [costOf(bill, 'GPU'), costOf(bill, 'vCPU'), costOf(bill, 'memory'), bill.total],
    [2_000, 3_000, 0, 5_000],
  );
});

test('a price is for as many units as it says', () => {
  const prices = roundPrices({});
  prices.prices.queueCall = { ...prices.prices.queueCall, price: 4, per: 10_000 };
  assert.equal(costOf(billFor({ ...noUsage(), queueCall: 25_000 }, prices), 'queue calls'), 10);
});

test('without any job only what is there costs, and what looks at it', () => {
  const usage = monthlyUsage({ ...quiet, scalerLooks: 172_800 });
  // 8,640 sweeps a month; KEDA each 15 s; two calls of the queue for each sweep; the host each 30 s.
  assert.equal(usage.functionExecution, 8_640);
  assert.equal(usage.queueCall, 172_800 + 2 * 8_640 + 86_400);
  assert.deepEqual([usage.gpuT4Second, usage.vcpuSecond, usage.egressGb, usage.blobGbMonth], [0, 0, 0, 0]);
  assert.equal(usage.registryDay, 30);
});

test('calls grow with the jobs', () => {
  const few = monthlyUsage({ ...quiet, jobs: 1_000 });
  const many = monthlyUsage({ ...quiet, jobs: 2_000 });
  // 15 writes for a job and 0.3 for each of 4 looks; the names that a sweep reads: 1,000 / 30 days * 5 names / 1,000 * 8,640.
  assert.ok(Math.abs(many.blobWrite - few.blobWrite - 1_000 * 16.2 - 1_440) < 1e-6);
  assert.ok(Math.abs(many.blobRead - few.blobRead - 1_000 * 15) < 1e-6);
  assert.ok(Math.abs(many.functionExecution - few.functionExecution - 6_000) < 1e-6);
});

test('every price of ours is there, with where it comes from', async () => {
  const { prices } = await readInput(pricesFile, pricesSchema);
  assert.deepEqual(Object.keys(prices).sort(), [...priceNames].sort());
  assert.ok(Object.values(prices).every(({ source }) => source.length > 20));
});

function costOf({ lines }: ReturnType<typeof billFor>, component: Component): number | undefined {
  return lines.find((line) => line.component === component)?.cost;
}

function noUsage(): Record<PriceName, number> {
  return Object.fromEntries(priceNames.map((name) => [name, 0])) as Record<PriceName, number>;
}
