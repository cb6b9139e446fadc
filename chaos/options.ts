// The command line of the chaos run.
import { numberFrom, wholeNumberFrom } from '../scripts/lib/number-option.ts';
import { parseOptions } from '../scripts/lib/parse-options.ts';

export interface ChaosOptions {
  /** Jobs to be accepted. */
  readonly jobs: number;
  /** Processes killed with SIGKILL; stopped, asked to end and so on are proportions of it. */
  readonly kills: number;
  /** Times that the storage stops for a while. */
  readonly outages: number;
  readonly seed: number;
  readonly workers: number;
  /** Jobs after which everything is checked, thrown away and started anew: the emulator grows slow with their number. */
  readonly round: number;
  /** Longest side of a picture in pixels. */
  readonly side: number;
  /** Share of storage calls that meet each kind of network fault. */
  readonly faultRate: number;
  readonly sweeper: boolean;
  readonly json: boolean;
  /** Leave data and logs of all processes behind, and say where; after a violation that is done in any case. */
  readonly keep: boolean;
}

export const usage = `npm run chaos -- [options]
  --jobs N         jobs to be accepted (default 150)
  --kills N        processes killed, before, after and between their writes (default 12)
  --outages N      times that the storage stops for seconds (default 3)
  --seed N         repeat the choices of an earlier run
  --workers N      worker processes (default 2)
  --round N        jobs after which all is checked and started anew (default 1000)
  --side PIXELS    longest side of the pictures, 64 to 512 (default 128)
  --fault-rate R   share of storage calls for each kind of network fault, 0 to 0.1 (default 0.05)
  --no-sweeper     nothing looks after lost messages, and none is lost
  --keep           leave the data and the logs of all processes behind (after a violation they are in any case)
  --json           print only the JSON (npm run --silent chaos -- --json keeps npm quiet)
  --help           this text`;

/**
 * @returns undefined when help was asked for.
 * @throws Error in one sentence about what is wrong.
 */
export function readOptions(args: readonly string[]): ChaosOptions | undefined {
  const values = parseOptions({
    args: [...args],
    allowNegative: true,
    options: {
      jobs: { type: 'string', default: '150' },
      kills: { type: 'string', default: '12' },
      outages: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      workers: { type: 'string', default: '2' },
      round: { type: 'string', default: '1000' },
      side: { type: 'string', default: '128' },
      'fault-rate': { type: 'string', default: '0.05' },
      sweeper: { type: 'boolean', default: true },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    jobs: wholeNumberFrom('--jobs', values.jobs, 1, 1_000_000),
    kills: wholeNumberFrom('--kills', values.kills, 0, 100_000),
    outages: wholeNumberFrom('--outages', values.outages, 0, 10_000),
    seed: wholeNumberFrom('--seed', values.seed, 0, 2 ** 32 - 1),
    workers: wholeNumberFrom('--workers', values.workers, 1, 64),
    round: wholeNumberFrom('--round', values.round, 1, 100_000),
    side: wholeNumberFrom('--side', values.side, 64, 512),
    faultRate: numberFrom('--fault-rate', values['fault-rate'], 0, 0.1),
    sweeper: values.sweeper,
    keep: values.keep,
    json: values.json,
  };
}
