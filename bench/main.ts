// How fast is it? npm run bench measures the bare pipeline, the service around it, cold starts, submissions and memory.
// The table (or with --json the figures) goes to standard output, progress to standard error.
import { writeFile } from 'node:fs/promises';
import { note, runProgram } from '../scripts/lib/program.ts';
import { typedPath } from '../scripts/lib/typed-path.ts';
import { aimsOf, isSteady } from './aims.ts';
import { measureColdStart } from './cold-start.ts';
import { measureFunctionStart } from './function-start.ts';
import { machineFacts } from './machine.ts';
import { measureMemory } from './memory.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { type BenchReport, formatReport } from './report.ts';
import { engineSettings } from './settings.ts';
import { measureSubmitLatency } from './submit-latency.ts';
import { measureWarmJobs } from './warm-job.ts';

await runProgram({
  readOptions,
  usage,
  run: async (options, { resources }) => ({ text: await bench(options, resources) }),
});

async function bench(options: BenchOptions, resources: AsyncDisposableStack): Promise<string> {
  const machine = machineFacts();
  const { warm, model } = await measureWarmJobs(options, resources, note);
  const cold = await measureColdStart(model, resources, note);
  const functionStart = await measureFunctionStart(resources, note);
  const submit = await measureSubmitLatency(resources, note);
  const memory = await measureMemory(options, model, resources, note);
  const report: BenchReport = {
    at: new Date().toISOString(),
    machine,
    executionProviders: engineSettings().executionProviders,
    model,
    warm,
    cold,
    functionStart,
    submit,
    memory,
    steady: isSteady(warm),
    aims: aimsOf(warm, cold, functionStart),
  };
  return await publish(report, options);
}

async function publish(report: BenchReport, { json, out }: BenchOptions): Promise<string> {
  const text = JSON.stringify(report, roundedTo3Digits, 2);
  if (out !== undefined) await writeFile(typedPath(out), `${text}\n`);
  return json ? text : formatReport(report);
}

function roundedTo3Digits(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
