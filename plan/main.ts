// npm run plan: what a load will cost and how long its jobs will wait, before anything is deployed.
import { writeFile } from 'node:fs/promises';
import { note, runProgram } from '../scripts/lib/program.ts';
import { typedPath } from '../scripts/lib/typed-path.ts';
import type { chartOf } from './chart.ts';
import { compare } from './compare.ts';
import { formatComparison } from './comparison-report.ts';
import { pricesFile, pricesSchema } from './cost/prices.ts';
import { arrivalsFor, type Inputs, idleBill, makePlan } from './make-plan.ts';
import { type PlanOptions, readOptions, usage } from './options.ts';
import { readInput, readText, writing } from './read-input.ts';
import { formatPlan, idleText } from './report.ts';
import { stageTimesFile, stageTimesSchema } from './stage-times.ts';

await runProgram({ readOptions, usage, run: async (options) => ({ text: await plan(options) }) });

async function plan(options: PlanOptions): Promise<string> {
  const inputs = await readInputs(options);
  if (options.idle)
    return await publish(options, [idleText(idleBill(options, inputs))], {
      bill: idleBill(options, inputs),
      inputs,
    });
  const arrivals = arrivalsFor(options, options.days, inputs.traceText);
  const { plan, simulation } = makePlan(options, inputs, arrivals);
  if (options.compare) note('Comparing settings ...');
  const comparison = options.compare ? compare(options, inputs) : undefined;
  if (options.chart !== undefined) await draw(options.chart, options, plan, simulation);
  const texts = [
    formatPlan(options, inputs, plan),
    ...(comparison ? [formatComparison(comparison, plan.setting)] : []),
    ...(options.chart === undefined ? [] : [`The busiest day is drawn in ${options.chart}`]),
  ];
  return await publish(options, texts, { plan, comparison, inputs });
}

/** What draws is loaded only where something is drawn: it takes seconds. */
async function draw(file: string, ...figures: Parameters<typeof chartOf>): Promise<void> {
  const { chartOf, writeChart } = await import('./chart.ts');
  const chart = chartOf(...figures);
  await writing(file, () => writeChart(typedPath(file), chart));
}

async function readInputs({ prices, stageTimes, trace }: PlanOptions): Promise<Inputs> {
  return {
    prices: await readInput(prices === undefined ? pricesFile : typedPath(prices), pricesSchema),
    stageTimes: await readInput(
      stageTimes === undefined ? stageTimesFile : typedPath(stageTimes),
      stageTimesSchema,
    ),
    ...(trace !== undefined && { traceText: await readText(typedPath(trace), trace) }),
  };
}

/** @param found is written as JSON, with the options, where that is asked for. */
async function publish(options: PlanOptions, texts: readonly string[], found: object): Promise<string> {
  const { json } = options;
  const text = JSON.stringify({ options, ...found }, null, 2);
  if (json === '-') return text;
  if (json !== undefined) await writing(json, () => writeFile(typedPath(json), `${text}\n`));
  return texts.join('\n\n');
}
