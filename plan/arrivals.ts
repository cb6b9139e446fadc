// When jobs come: seconds since the start, ascending. The start is midnight, except for a recorded trace.
import type { Random } from '../scripts/lib/random.ts';
import { secondsPerDay } from './cost/deployment.ts';
import { samplePoisson } from './simulation/distributions.ts';

export interface Load {
  readonly jobsPerDay: number;
  readonly days: number;
  /** Jobs of the busiest minute on average; left out, the curve has a peak of its own and bursts have none. */
  readonly peakPerMinute?: number;
}

const minutesPerDay = 1_440;

/** All as far apart. */
export function constantArrivals({ jobsPerDay, days }: Load): number[] {
  const apart = secondsPerDay / jobsPerDay;
  return Array.from({ length: Math.round(jobsPerDay * days) }, (_, index) => (index + 0.5) * apart);
}

/** At random moments, more of them by day than by night; a rush in the evening makes up the peak that is asked for. */
export function dailyArrivals(load: Load, random: Random): number[] {
  const rate = dailyRate(load);
  return scatter(load.days, random, (minute) => rate(minute % minutesPerDay));
}

/** Half of the jobs at random moments, the other half in crowds, each as many as the peak within a minute. */
export function burstArrivals(load: Load, random: Random): number[] {
  const { jobsPerDay, days, peakPerMinute = jobsPerDay } = load;
  const alone = scatter(days, random, () => jobsPerDay / 2 / minutesPerDay);
  const crowds = Math.round((jobsPerDay * days) / 2 / peakPerMinute);
  const together = Array.from({ length: crowds }, () => {
    const start = random.between(0, days * secondsPerDay - 60);
    return Array.from({ length: Math.round(peakPerMinute) }, () => start + random.between(0, 60));
  });
  return ascending([...alone, ...together.flat()]);
}

/**
 * One time stamp a line: an ISO date or seconds; quotes around it, empty lines and what follows a comma do not matter.
 * The first of all is second 0. A date without a zone is one of UTC.
 * @param name of the file, for an error.
 * @throws Error in one sentence about the first line that is none, when there is no line, or for more than a year.
 */
export function traceArrivals(text: string, name: string): number[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ number: index + 1, line: line.trim() }));
  const stamps = ascending(lines.filter(({ line }) => line !== '').map((line) => stampIn(line, name)));
  const [first] = stamps;
  if (first === undefined)
    throw new Error(`Expected at least one time stamp, for ${name}, received an empty file`);
  const days = ((stamps.at(-1) ?? first) - first) / secondsPerDay;
  if (days > mostTraceDays)
    throw new Error(
      `Expected time stamps of one kind within ${mostTraceDays} days, for ${name}, received ${Math.ceil(days)} days`,
    );
  return stamps.map((stamp) => stamp - first);
}

const mostTraceDays = 366;
/** As seconds the year 5138: such a number is of milliseconds. */
const mostSeconds = 1e11;
const isoDate = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

function stampIn({ line, number }: { line: string; number: number }, name: string): number {
  const [field = ''] = line.split(',');
  const text = field.replaceAll('"', '').trim();
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : secondsOfIso(text);
  if (seconds < mostSeconds) return seconds;
  throw new Error(
    `Expected an ISO date or seconds, for line ${number} of ${name}, received "${line.slice(0, 80)}"`,
  );
}

/** NaN for what is no ISO date: `Date.parse` alone takes nearly everything for one. */
function secondsOfIso(text: string): number {
  const [, day = '', time = '00:00', zone = 'Z'] = isoDate.exec(text) ?? [];
  return Date.parse(`${day}T${time}${zone}`) / 1_000;
}

/** When it is busiest, and for how long. */
const busiestMinute = 20 * 60;
const rushMinutes = 20;
/** How much more than the mean comes at the busiest time of a day without a rush; at the quietest as much less. */
const swing = 0.8;
/** At most so much of a day comes within the rush: a higher peak is a shorter one. */
const mostRushShare = 0.5;

/** Jobs of a minute on average, by the minute of the day. */
function dailyRate({ jobsPerDay, peakPerMinute }: Load): (minute: number) => number {
  const mean = jobsPerDay / minutesPerDay;
  const peak = peakPerMinute ?? (1 + swing) * mean;
  const top = 1 + Math.min(swing, peak / mean - 1);
  const bell = Math.sqrt(2 * Math.PI);
  // Two parts make the peak: (1 - share) * top * mean of the usual day, and the top of a bell that holds `share` of all jobs.
  const wanted = (peak - top * mean) / (jobsPerDay / (rushMinutes * bell) - top * mean);
  const share = wanted >= 0 && wanted <= mostRushShare ? wanted : mostRushShare;
  const rushPeak = peak - (1 - share) * top * mean;
  const width = share === 0 ? 1 : (share * jobsPerDay) / (rushPeak * bell);
  return (minute) => {
    const distance = minute + 0.5 - busiestMinute;
    const usual = mean * (1 + (top - 1) * Math.cos((2 * Math.PI * distance) / minutesPerDay));
    const rush = rushPeak * Math.exp(-((distance / width) ** 2) / 2);
    return (1 - share) * usual + (share === 0 ? 0 : rush);
  };
}

/** @param rate jobs of a minute on average, by the minute since the start. */
function scatter(days: number, random: Random, rate: (minute: number) => number): number[] {
  const minutes = days * minutesPerDay;
  const arrivals: number[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const part = Math.min(1, minutes - minute);
    const count = samplePoisson(rate(minute) * part, random);
    for (let index = 0; index < count; index += 1) arrivals.push(60 * (minute + part * random.next()));
  }
  return ascending(arrivals);
}

function ascending(times: readonly number[]): number[] {
  return times.toSorted((a, b) => a - b);
}
