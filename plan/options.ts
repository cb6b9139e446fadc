// The command line of the plan.
import { numberFrom, wholeNumberFrom } from '../scripts/lib/number-option.ts';
import { parseOptions } from '../scripts/lib/parse-options.ts';
import { checkTogether } from './given-together.ts';
import { type ProfileName, profileNames } from './stage-times.ts';

export const arrivalKinds = ['daily', 'constant', 'burst', 'trace'] as const;
export type ArrivalKind = (typeof arrivalKinds)[number];

export interface PlanOptions {
  readonly jobsPerDay: number;
  readonly peakPerMinute?: number;
  readonly arrivals: ArrivalKind;
  readonly trace?: string;
  readonly days: number;
  /** Several only where they are compared; the first is that of the plan. */
  readonly profiles: readonly [ProfileName, ...ProfileName[]];
  readonly maxReplicas: number;
  readonly queueLength: number;
  readonly cooldownSeconds: number;
  readonly pollingSeconds: number;
  /** Longer side of the pictures in pixels. */
  readonly side: number;
  /** Seconds of a worker's time for a job, in place of those of the stages. */
  readonly jobSeconds?: number;
  readonly maxQueued: number;
  readonly seed: number;
  /** Seconds from submission to result that 95 of 100 jobs may take. */
  readonly p95Seconds: number;
  readonly compare: boolean;
  readonly idle: boolean;
  readonly prices?: string;
  readonly stageTimes?: string;
  readonly chart?: string;
  /** `-` is the standard output. */
  readonly json?: string;
}

export const usage = `npm run plan -- [options]
  --jobs-per-day N     how many jobs come on a day (default 1000)
  --peak-per-minute N  how many come in the busiest minute (default: what the curve makes; needed for burst)
  --arrivals KIND      daily     more by day than by night, with a rush in the evening (default)
                       constant  all as far apart
                       burst     half of them in crowds of --peak-per-minute
                       trace     as recorded: --trace FILE, a time stamp a line, ISO or seconds
  --days N             days to simulate (default 30, fewer for more than 50000 jobs a day); costs are those of a month of
                       30 days in any case
  --profile NAME       worker: t4 (default), a100, cpu; all compares them
  --max-replicas N     most workers at once (default 3)
  --queue-length N     messages for each worker (default 1)
  --cooldown S         seconds without a job until no worker is left (default 60)
  --polling S          seconds between two looks whether there is a job (default 15)
  --size N             longer side of the pictures, 64 to 4096 (default 1024)
  --job-seconds S      seconds of a worker's time for a job, for a model of your own (default: from the stage times)
  --max-queued N       jobs in the queue at which others are turned away (default 1000)
  --p95 S              seconds from submission to result that 95 of 100 jobs may take (default 60)
  --compare            also which settings meet --p95, and which of them is the cheapest
  --idle               only what a month without any job costs
  --prices FILE        prices of your own, as in plan/prices.json
  --stage-times FILE   times of your own, as in plan/stage-times.json
  --chart FILE         draw the busiest day, as .svg or .png
  --json FILE          write everything as JSON; - prints nothing else (npm run --silent plan -- --json -)
  --seed N             other random choices (default 1)
  --help               this text`;

/**
 * @returns undefined when help was asked for.
 * @throws Error in one sentence about what is wrong.
 */
export function readOptions(args: readonly string[]): PlanOptions | undefined {
  const values = parseOptions({ args: [...args], options: known });
  if (values.help) return undefined;
  const number = (name: NumberName, least: number, most: number) =>
    numberFrom(`--${name}`, values[name] ?? '', least, most);
  const whole = (name: NumberName, least: number, most: number) =>
    wholeNumberFrom(`--${name}`, values[name] ?? '', least, most);
  checkTogether(values);
  const usual = values.trace === undefined ? 'daily' : 'trace';
  const arrivals = oneOf('--arrivals', values.arrivals ?? usual, arrivalKinds);
  const jobsPerDay = numberFrom('--jobs-per-day', values['jobs-per-day'] ?? '1000', 1, 1_000_000);
  return {
    jobsPerDay,
    arrivals,
    days: values.days === undefined ? usualDays(jobsPerDay) : daysFrom(values.days, jobsPerDay),
    profiles: profilesFrom(values.profile),
    maxReplicas: whole('max-replicas', 1, 1_000),
    queueLength: whole('queue-length', 1, 10_000),
    cooldownSeconds: number('cooldown', 0, 86_400),
    pollingSeconds: number('polling', 1, 3_600),
    side: whole('size', 64, 4_096),
    maxQueued: whole('max-queued', 1, 1_000_000),
    seed: whole('seed', 0, 2 ** 32 - 1),
    p95Seconds: number('p95', 0.001, 86_400),
    compare: values.compare || values.profile === 'all',
    idle: values.idle,
    ...(values['peak-per-minute'] !== undefined && {
      peakPerMinute: peakFrom(values['peak-per-minute'], jobsPerDay),
    }),
    ...(values['job-seconds'] !== undefined && { jobSeconds: number('job-seconds', 0.001, 3_600) }),
    ...(values.trace !== undefined && { trace: values.trace }),
    ...(values.prices !== undefined && { prices: values.prices }),
    ...(values['stage-times'] !== undefined && { stageTimes: values['stage-times'] }),
    ...(values.chart !== undefined && { chart: chartFrom(values.chart) }),
    ...(values.json !== undefined && { json: values.json }),
  };
}

const known = {
  'jobs-per-day': { type: 'string' },
  'peak-per-minute': { type: 'string' },
  arrivals: { type: 'string' },
  trace: { type: 'string' },
  days: { type: 'string' },
  profile: { type: 'string', default: 't4' },
  'max-replicas': { type: 'string', default: '3' },
  'queue-length': { type: 'string', default: '1' },
  cooldown: { type: 'string', default: '60' },
  polling: { type: 'string', default: '15' },
  size: { type: 'string', default: '1024' },
  'job-seconds': { type: 'string' },
  'max-queued': { type: 'string', default: '1000' },
  p95: { type: 'string', default: '60' },
  seed: { type: 'string', default: '1' },
  prices: { type: 'string' },
  'stage-times': { type: 'string' },
  chart: { type: 'string' },
  json: { type: 'string' },
  compare: { type: 'boolean', default: false },
  idle: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Jobs that are simulated unless other days are asked for: some seconds. */
const usualJobs = 1_500_000;
/** More would not fit into the memory that Node has by itself. */
const mostJobs = 6_000_000;

function usualDays(jobsPerDay: number): number {
  return Math.min(30, Math.max(1, Math.floor(usualJobs / jobsPerDay)));
}

function daysFrom(text: string, jobsPerDay: number): number {
  const days = numberFrom('--days', text, 0.01, 366);
  if (days * jobsPerDay <= mostJobs) return days;
  const most = Math.floor((100 * mostJobs) / jobsPerDay) / 100;
  throw new Error(`Expected at most ${most} for --days with ${jobsPerDay} jobs a day, received "${text}"`);
}

type NumberName =
  | 'max-replicas'
  | 'queue-length'
  | 'cooldown'
  | 'polling'
  | 'size'
  | 'job-seconds'
  | 'max-queued'
  | 'p95'
  | 'seed';

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text);
  if (choice) return choice;
  throw new Error(`Expected one of ${choices.join(', ')} for ${name}, received "${text}"`);
}

function profilesFrom(text: string): PlanOptions['profiles'] {
  if (text === 'all') return ['t4', 'a100', 'cpu'];
  return [oneOf('--profile', text, [...profileNames, 'all'] as const) as ProfileName];
}

function peakFrom(text: string, jobsPerDay: number): number {
  const peak = numberFrom('--peak-per-minute', text, 0.001, 1_000_000);
  const mean = jobsPerDay / 1_440;
  if (peak >= mean) return peak;
  const least = Math.ceil(mean * 100) / 100;
  throw new Error(
    `Expected at least ${least} for --peak-per-minute, as many as ${jobsPerDay} jobs a day make on average, received "${text}"`,
  );
}

function chartFrom(file: string): string {
  if (/\.(svg|png)$/i.test(file)) return file;
  throw new Error(`Expected a file that ends in .svg or .png for --chart, received "${file}"`);
}
