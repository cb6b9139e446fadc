// The command line of the bench.
import { wholeNumberFrom } from '../scripts/lib/number-option.ts';
import { parseOptions } from '../scripts/lib/parse-options.ts';

export interface BenchOptions {
  /** Pairs of bare run and job at each size. */
  readonly runs: number;
  /** Longer sides in pixels, ascending. */
  readonly sizes: readonly number[];
  /** Measure the memory of a 4096 x 4096 picture as well. */
  readonly large: boolean;
  readonly json: boolean;
  readonly out?: string;
}

export const usage = `npm run bench -- [options]
  --runs N          pairs of bare run and job at each size (default 7)
  --sizes 256,512   longer sides in pixels, 64 to 4096 (default 256,512,1024,2048)
  --large           also the peak memory of a picture of 4096 x 4096
  --json            print only the JSON (npm run --silent bench -- --json keeps npm quiet)
  --out FILE        write the JSON to a file as well
  --help            this text`;

const leastSide = 64;
const mostSide = 4096;

/**
 * @returns undefined when help was asked for.
 * @throws Error in one sentence about what is wrong.
 */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const values = parseOptions({
    args: [...args],
    options: {
      runs: { type: 'string', default: '7' },
      sizes: { type: 'string', default: '256,512,1024,2048' },
      large: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { large, json, out } = values;
  const sizes = values.sizes.split(',').map((size) => wholeNumberFrom('--sizes', size, leastSide, mostSide));
  return {
    runs: wholeNumberFrom('--runs', values.runs, 1, 1000),
    sizes: [...new Set(sizes)].sort((a, b) => a - b),
    large,
    json,
    ...(out !== undefined && { out }),
  };
}
