// How fast is it? npm run bench measures the bare pipeline, the service around it, cold starts, submissions and memory.
// The table (or with --json the figures) goes to standard output, progress to standard error.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '@impasto/shared';
import { measureColdStart } from './cold-start.ts';
import { machineFacts } from './machine.ts';
import { measureMemory } from './memory.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { aimsOf, type BenchReport, formatReport, isSteady } from './report.ts';
import { engineSettings } from './settings.ts';
import { measureSubmitLatency } from './submit-latency.ts';
import { measureWarmJobs } from './warm-job.ts';

const note = (line: string) => process.stderr.write(`${line}\n`);

process.exit(await run());

async function run(): Promise<number> {
  const stopped = stopSignal();
  const resources = new AsyncDisposableStack();
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === undefined) {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    await Promise.race([bench(options, resources), stopped]);
    return 0;
  } catch (error) {
    note(messageOf(error));
    return 1;
  } finally {
    await resources.disposeAsync();
  }
}

async function bench(options: BenchOptions, resources: AsyncDisposableStack): Promise<void> {
  const machine = machineFacts();
  const { warm, model } = await measureWarmJobs(options, resources, note);
  const cold = await measureColdStart(model, resources, note);
  const submit = await measureSubmitLatency(resources, note);
  const memory = await measureMemory(options, model, resources, note);
  const report: BenchReport = {
    at: new Date().toISOString(),
    machine,
    executionProviders: engineSettings().executionProviders,
    model,
    warm,
    cold,
    submit,
    memory,
    steady: isSteady(warm),
    aims: aimsOf(warm, cold),
  };
  await publish(report, options);
}

async function publish(report: BenchReport, { json, out }: BenchOptions): Promise<void> {
  const text = JSON.stringify(report, roundedTo3Digits, 2);
  // npm changes to the project's folder; the path that was typed is the caller's.
  if (out !== undefined) await writeFile(resolve(process.env.INIT_CWD ?? '.', out), `${text}\n`);
  await new Promise((written) => process.stdout.write(`${json ? text : formatReport(report)}\n`, written));
}

function roundedTo3Digits(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

/** Rejects once we are asked to stop. A second Ctrl-C changes nothing: all is being stopped as fast as it can be. */
function stopSignal(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => reject(new Error('stopping ...')));
  }
  return promise;
}
