// The command line of the load run.
import { numberFrom, wholeNumberFrom } from '../scripts/lib/number-option.ts';
import { parseOptions } from '../scripts/lib/parse-options.ts';

export const levelNames = ['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L8', 'L9'] as const;
export type LevelName = (typeof levelNames)[number];

export interface LoadOptions {
  readonly levels: readonly LevelName[];
  /** What jobs and seconds of each level are multiplied by. */
  readonly scale: number;
  readonly seed: number;
  readonly format: 'text' | 'json' | 'markdown';
}

export const usage = `npm run load -- [options]
  --level L1,L2    which levels (default ${levelNames.join(',')})
                     L1 smoke: some jobs, one worker        L5 poll storm: many callers ask all the time
                     L2 steady: submissions at a fixed pace L6 overload: three times what the worker gets done
                     L3 burst: hundreds at once             L9 idle: nothing to do
                     L4 big bodies: two pictures of 20 MB each, ten times at once
                     L8 webhooks: every job has a receiver, and six of ten of those are slow, broken or dead
  --scale R        jobs and seconds of each level times R, 0.02 to 10 (default 1: about five minutes in whole)
  --seed N         repeat the random choices of an earlier run
  --markdown       print the table of docs/operations.md
  --json           print only the JSON (npm run --silent load -- --json keeps npm quiet)
  --help           this text`;

/**
 * @returns undefined when help was asked for.
 * @throws Error in one sentence about what is wrong.
 */
export function readOptions(args: readonly string[]): LoadOptions | undefined {
  const values = parseOptions({
    args: [...args],
    options: {
      level: { type: 'string', default: levelNames.join(',') },
      scale: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.json && values.markdown) throw new Error('Expected one of --json and --markdown, received both');
  return {
    levels: levelsFrom(values.level),
    scale: numberFrom('--scale', values.scale, 0.02, 10),
    seed: wholeNumberFrom('--seed', values.seed, 0, 2 ** 32 - 1),
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
  };
}

/** In the order of the levels, whatever the order in which they were typed. */
function levelsFrom(text: string): LevelName[] {
  const asked = text.split(',').map((name) => name.trim().toUpperCase());
  const unknown = asked.find((name) => !levelNames.some((level) => level === name));
  if (unknown !== undefined)
    throw new Error(`Expected some of ${levelNames.join(', ')} for --level, received "${unknown}"`);
  return levelNames.filter((level) => asked.includes(level));
}
