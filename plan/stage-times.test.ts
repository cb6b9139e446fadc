import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pricesSchema } from './cost/prices.ts';
import { readInput } from './read-input.ts';
import { jobSecondsOf, sizesAround, stageTimesFile, stageTimesSchema } from './stage-times.ts';
import { roundPrices, roundTimes } from './testing/round-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'impasto-plan-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(text: string): string {
  const file = join(folder, 'input.json');
  writeFileSync(file, text);
  return file;
}

test('times between two sizes follow the pixels, above them those of each pixel, below them the smallest', () => {
  const { cpu } = roundTimes().profiles;
  assert.ok(Math.abs(jobSecondsOf(cpu, 1_024) - 2) < 1e-9);
  // 8 s for four times as many pixels; at 1536 px it is 2.25 times as many: 2 + 6 * 1.25 / 3.
  assert.ok(Math.abs(jobSecondsOf(cpu, 1_536) - 4.5) < 1e-9);
  assert.ok(Math.abs(jobSecondsOf(cpu, 4_096) - 32) < 1e-9);
  assert.ok(Math.abs(jobSecondsOf(cpu, 512) - 2) < 1e-9);
});

test('a size that is not in the file is worked out from those beside it', () => {
  const { cpu } = roundTimes().profiles;
  const around = [512, 1_024, 1_536, 4_096].map((side) => sizesAround(cpu, side));
  assert.deepEqual(around, [[1_024], [], [1_024, 2_048], [2_048]]);
});

test('only what was measured is called measured', async () => {
  const { profiles } = await readInput(stageTimesFile, stageTimesSchema);
  assert.deepEqual(
    Object.entries(profiles).map(([name, { measured, coldStart }]) => [name, measured, coldStart.measured]),
    [
      ['cpu', true, false],
      ['t4', false, false],
      ['a100', false, false],
    ],
  );
});

test('every problem of an input file is said, with the field, the file and what came', async () => {
  const prices = JSON.parse(JSON.stringify(roundPrices({})));
  prices.currency = 'dollars';
  prices.prices.gpuT4Second.price = 'cheap';
  delete prices.prices.logGb;
  const file = fileOf(JSON.stringify(prices));
  await assert.rejects(readInput(file, pricesSchema), ({ message }: Error) => {
    assert.deepEqual(message.split('\n').sort(), [
      `Expected number, for prices.gpuT4Second.price in ${file}, received "cheap"`,
      `Expected object, for prices.logGb in ${file}, received nothing`,
      `Expected three capital letters, for currency in ${file}, received "dollars"`,
    ]);
    return true;
  });
});

test('a file that is none, or no JSON, is said in a sentence', async () => {
  await assert.rejects(
    readInput(join(folder, 'none.json'), pricesSchema),
    /^Error: Expected a file that can be read, for .*none\.json, received ENOENT/,
  );
  await assert.rejects(
    readInput(fileOf('{'), pricesSchema),
    /^Error: Expected JSON, for .*input\.json, received/,
  );
});
