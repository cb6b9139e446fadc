// The levels one after the other, each with a service of its own.
import { messageOf } from '@impasto/shared';
import { type MachineFacts, machineFacts } from '../bench/machine.ts';
import { makeRandom } from '../scripts/lib/random.ts';
import type { Findings } from './level.ts';
import { levels } from './levels/index.ts';
import { promise } from './measure.ts';
import type { LoadOptions } from './options.ts';
import type { LevelReport, LoadReport } from './report.ts';

interface RunOptions {
  readonly options: LoadOptions;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
  /** Everything that is started registers how it is ended. */
  readonly resources: AsyncDisposableStack;
}

export async function runLoad({ options, note, signal, resources }: RunOptions): Promise<LoadReport> {
  const machine: MachineFacts = machineFacts();
  const random = makeRandom(options.seed);
  note(`seed ${options.seed}`);
  const reports: LevelReport[] = [];
  for (const name of options.levels) {
    const ofLevel = resources.use(new AsyncDisposableStack());
    const startedMs = performance.now();
    note(`${name} ...`);
    const run = { scale: options.scale, random: random.fork(), signal, resources: ofLevel };
    const findings = await levels[name](run).catch((error: unknown) => unfinished(error, signal));
    await ofLevel.disposeAsync();
    const seconds = (performance.now() - startedMs) / 1000;
    note(`${name} took ${seconds.toFixed(0)} s`);
    reports.push({ level: name, seconds, ...findings });
  }
  return { at: new Date().toISOString(), machine, options, levels: reports };
}

/** One level that cannot go on does not take the figures of the others along. */
function unfinished(error: unknown, signal: AbortSignal): Findings {
  signal.throwIfAborted();
  return {
    load: 'not finished',
    measures: [promise('reasons to give up', 1, '=', 0)],
    remarks: [messageOf(error)],
  };
}
