// From options to figures and files, as a person uses it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { compare, meets } from './compare.ts';
import { formatComparison } from './comparison-report.ts';
import { arrivalsFor, idleBill, makePlan } from './make-plan.ts';
import { readOptions } from './options.ts';
import { formatPlan, idleText } from './report.ts';
import { roundPrices, roundTimes } from './testing/round-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'impasto-plan-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const root = new URL('..', import.meta.url);
const main = fileURLToPath(new URL('main.ts', import.meta.url));

function optionsOf(line: string) {
  const options = readOptions(line.split(' '));
  assert.ok(options);
  return options;
}

/** Runs the program as npm does, from another folder than that of the caller. */
async function run(line: string): Promise<string> {
  const env = { ...process.env, INIT_CWD: folder };
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...line.split(' ')], { env });
  return stdout;
}

const oneJob = 'a trace of one job';

test('the money of one job, to the cent', () => {
  const options = optionsOf('--trace one --seed 5');
  const inputs = {
    stageTimes: roundTimes(),
    prices: roundPrices({
      gpuT4Second: { price: 0.01 },
      vcpuSecond: { price: 0.001 },
      gibSecond: { price: 0.0001 },
    }),
    traceText: '0',
  };
  const arrivals = arrivalsFor(options, options.days, inputs.traceText);
  const { plan, simulation } = makePlan(options, inputs, arrivals);
  const [first, last] = simulation.steps;
  assert.ok(first && last && first.replicas === 1 && last.replicas === 0, oneJob);
  // From the first look of KEDA until the cooldown of 60 s is over, and a second until the replica is gone; an hour of it
  // makes 720 of them a month. A second costs 0.01 + 2 * 0.001 + 10 * 0.0001 = 0.013.
  const seconds = last.atSeconds - first.atSeconds + 1;
  assert.equal(Math.round(seconds), 61);
  assert.ok(Math.abs(plan.bill.total - seconds * 720 * 0.013) < 1e-6, `${plan.bill.total}`);
  assert.ok(Math.abs(plan.costPerThousand - seconds * 0.013 * 1_000) < 1e-6);
  // The door's 0.5 s, the look, the cold start of 10 s, the job of 2 s.
  assert.ok(Math.abs(plan.waits.p50 - (0.5 + first.atSeconds + 10 + 2)) < 1e-6);
});

test('a month without a job is what its parts cost', () => {
  const inputs = { stageTimes: roundTimes(), prices: roundPrices({ registryDay: { price: 0.2 } }) };
  const bill = idleBill(optionsOf('--idle'), inputs);
  assert.equal(idleText(bill), 'A month without any job costs about 6.00 USD: Container Registry 6.00.');
});

test('the cheapest setting that keeps the wait is named; where there is none, the nearest', () => {
  const inputs = { stageTimes: roundTimes(), prices: roundPrices({ gpuT4Second: { price: 0.01 } }) };
  const line = '--jobs-per-day 2000 --days 0.1 --arrivals constant --compare --p95';
  const met = compare(optionsOf(`${line} 8`), inputs);
  assert.ok(met.best && meets(met.best, 8));
  for (const plan of met.plans)
    if (meets(plan, 8)) assert.ok(plan.bill.total >= met.best.bill.total, 'a cheaper one keeps it, too');
  assert.match(formatComparison(met, met.best.setting), /^The cheapest of \d+ settings .* within 8 s: t4, /m);

  // No job takes less than 2 s.
  const unmet = compare(optionsOf(`${line} 1`), inputs);
  assert.equal(unmet.best, undefined);
  assert.ok(unmet.plans.every(({ waits }) => waits.p95 >= unmet.nearest.waits.p95));
  assert.match(formatComparison(unmet, unmet.nearest.setting), /^None of \d+ settings .* The nearest: t4, /m);
});

test('a setting that turns callers away keeps no promise, and it is said how many', () => {
  const inputs = { stageTimes: roundTimes(), prices: roundPrices({}) };
  const line =
    '--jobs-per-day 2000 --days 0.1 --arrivals constant --compare --p95 86400 --max-queued 1 --job-seconds 3600';
  const unmet = compare(optionsOf(line), inputs);
  assert.equal(unmet.best, undefined);
  assert.ok(unmet.plans.every(({ refused }) => refused >= unmet.nearest.refused && refused > 0));
  assert.match(
    formatComparison(unmet, unmet.nearest.setting),
    /^None of .* The nearest: .*, 98\.5 % turned away, /m,
  );
});

test('where no job came no figure is made up', async () => {
  const text = await run('--jobs-per-day 1 --days 0.01 --chart none.png');
  assert.match(text, /^No job came by chance/m);
  assert.doesNotMatch(text, /NaN|∞/);
  const options = optionsOf('--jobs-per-day 1 --days 0.01');
  assert.throws(() => compare(options, { stageTimes: roundTimes(), prices: roundPrices({}) }), {
    message: 'Expected jobs to compare settings with, for these days, received none',
  });
});

test('a size between measured ones is not called measured', () => {
  const inputs = { stageTimes: roundTimes(), prices: roundPrices({}) };
  const textOf = (line: string) => {
    const options = optionsOf(line);
    return formatPlan(options, inputs, makePlan(options, inputs, arrivalsFor(options, 0.1)).plan);
  };
  assert.match(textOf('--size 1024 --days 0.1'), /^Job: 2 s of a t4 worker at 1024 px, measured\. /m);
  assert.match(
    textOf('--size 1536 --days 0.1'),
    /^Job: 4\.5 s of a t4 worker at 1536 px, NOT MEASURED, worked out from what was measured at 1024 and 2048 px\. /m,
  );
});

test('what cannot be written is one sentence', async () => {
  for (const file of ['none/plan.png', 'none/plan.svg'])
    await assert.rejects(run(`--days 0.1 --chart ${file}`), (error: { stderr?: string }) => {
      assert.match(error.stderr ?? '', /^Expected a file that can be written, for none\/[^\n]+\n$/);
      return true;
    });
});

test('what is assumed and what is estimated is said with the figures', () => {
  const stageTimes = roundTimes();
  const t4 = { ...stageTimes.profiles.t4, measured: false, why: 'Nobody has seen one.' };
  const prices = roundPrices({});
  prices.prices.gpuT4Second = { ...prices.prices.gpuT4Second, estimate: true };
  const inputs = { prices, stageTimes: { ...stageTimes, profiles: { ...stageTimes.profiles, t4 } } };
  const options = optionsOf('--days 0.1');
  const { plan } = makePlan(options, inputs, arrivalsFor(options, 0.1));
  const text = formatPlan(options, inputs, plan);
  assert.match(text, /t4 worker at 1024 px, NOT MEASURED, an assumption\. Nobody has seen one\./);
  assert.match(text, /1 of 16 are ESTIMATES, USD, 2026-11-29/);
});

test('the command of the documentation prints its table, draws its chart and writes its figures', async () => {
  const line = '--jobs-per-day 5000 --peak-per-minute 40 --profile t4 --days 1';
  const text = await run(`${line} --chart plan.png --json plan.json`);
  assert.match(text, /^submission to result +\d/m);
  assert.match(text, /^total +[\d,]+\.\d\d$/m);
  const { format, width, height } = await sharp(join(folder, 'plan.png')).metadata();
  assert.deepEqual([format, width, height], ['png', 1_200, 880]);
  const found = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
  assert.equal(found.options.jobsPerDay, 5_000);
  assert.equal(found.plan.setting.profile, 't4');
  assert.ok(found.inputs.prices.prices.gpuT4Second.source.length > 0);
  const sum = found.plan.bill.lines.reduce((total: number, { cost }: { cost: number }) => total + cost, 0);
  assert.ok(Math.abs(sum - found.plan.bill.total) < 1e-6);
});

test('the chart says what it shows', async () => {
  await run('--jobs-per-day 500 --days 1 --cooldown 300 --chart plan.svg');
  const svg = readFileSync(join(folder, 'plan.svg'), 'utf8');
  // Where a job came alone, a dot shows how long it took; and the day has all of its hours.
  assert.ok(svg.includes('>24:00<') && /<path[^>]+fill="#7d5ba6"/.test(svg), 'a dot');
  for (const words of ['500 jobs a day, daily', 'jobs waiting', 'cold start, paid for', '95 of 100 within'])
    assert.ok(svg.includes(words), words);
});

test('a month without a job is one line', async () => {
  assert.match(
    await run('--idle'),
    /^A month without any job costs about [\d.]+ USD \(estimate\): [^\n]+\.\n$/,
  );
});

test('what is wrong is one sentence', async () => {
  await assert.rejects(run('--prices none.json'), (error: { stderr?: string }) => {
    assert.match(
      error.stderr ?? '',
      /^Expected a file that can be read, for .*none\.json, received [^\n]+\n$/,
    );
    return true;
  });
});

test('every command of the documentation is understood', () => {
  const texts = ['README.md', 'docs/operations.md'].map((name) => readFileSync(new URL(name, root), 'utf8'));
  const commands = texts.flatMap((text) => [...text.matchAll(/npm run (?:--silent )?plan -- ([^`#\n]+)/g)]);
  const lines = [
    '--jobs-per-day 5000 --peak-per-minute 40 --profile t4',
    ...commands.map(([, line = '']) => line),
  ];
  for (const line of lines) assert.ok(readOptions(line.trim().split(/\s+/)), line);
});
