// What was found, as text for people.
import { formatTable } from '../scripts/lib/table.ts';
import type { Bill, BillLine } from './cost/bill.ts';
import { daysPerMonth } from './cost/deployment.ts';
import type { Inputs, Plan, Waits } from './make-plan.ts';
import type { PlanOptions } from './options.ts';
import { replicaStates, sumOfStates } from './simulation/timeline.ts';
import { jobSecondsOf, type Profile, sizesAround } from './stage-times.ts';
import { money, round, settingText, spanText, thousands } from './wording.ts';

export function formatPlan(options: PlanOptions, inputs: Inputs, plan: Plan): string {
  return [
    headText(options, plan),
    marksText(options, inputs),
    waitsText(plan),
    replicasText(plan),
    billText(plan.bill, plan.costPerThousand),
    ...(options.compare ? [] : ['--compare tells whether other settings cost less or wait less.']),
  ].join('\n\n');
}

function headText(options: PlanOptions, { setting, jobs, days }: Plan): string {
  const peak = options.peakPerMinute === undefined ? '' : `, ${options.peakPerMinute} in the busiest minute`;
  const load =
    options.arrivals === 'trace' ? `as recorded in ${options.trace}` : `${options.arrivals}${peak}`;
  return [
    `${thousands(jobs)} jobs of ${options.side} px in ${spanText(days)} (${load}; seed ${options.seed})`,
    settingText(setting),
  ].join('\n');
}

/** What a reader must not take for measured or for a price of theirs. */
function marksText(options: PlanOptions, { prices, stageTimes }: Inputs): string {
  const [name] = options.profiles;
  const profile = stageTimes.profiles[name];
  const estimates = Object.values(prices.prices).filter(({ estimate }) => estimate).length;
  const estimated =
    estimates === 0 ? 'checked' : `${estimates} of ${Object.keys(prices.prices).length} are ESTIMATES`;
  return [
    options.jobSeconds === undefined
      ? jobText(name, profile, options.side)
      : jobGivenText(options.jobSeconds),
    `Cold start: ${mark(profile.coldStart.measured)}. ${profile.coldStart.why}`,
    `Prices: ${estimated}, ${prices.currency}, ${prices.date}; the price file has the source of each.`,
  ]
    .map(wrapped)
    .join('\n');
}

function jobText(name: string, profile: Profile, side: number): string {
  const seconds = round(jobSecondsOf(profile, side));
  const around = sizesAround(profile, side);
  const said = profile.measured ? 'measured' : 'assumed';
  const marked =
    around.length === 0
      ? mark(profile.measured)
      : `NOT MEASURED, worked out from what was ${said} at ${around.join(' and ')} px`;
  return `Job: ${seconds} s of a ${name} worker at ${side} px, ${marked}. ${profile.why}`;
}

function jobGivenText(seconds: number): string {
  return `Job: ${seconds} s of a worker, as given.`;
}

const lineLength = 120;

/** In lines that a terminal shows whole. */
function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length >= lineLength) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

function mark(measured: boolean): string {
  return measured ? 'measured' : 'NOT MEASURED, an assumption';
}

function waitsText({ jobs, waits, queueWaits, refused }: Plan): string {
  if (jobs === 0)
    return 'No job came by chance: more --days tell more, --idle what a month without any costs.';
  const row = (name: string, { p50, p95, p99 }: Waits) => [name, round(p50), round(p95), round(p99)];
  const rows = [row('submission to result', waits), row('of that, until a worker began', queueWaits)];
  const turnedAway = refused > 0 ? `\n${thousands(refused)} more were turned away: the queue was full.` : '';
  return `${formatTable(['wait, seconds', 'p50', 'p95', 'p99'], rows)}${turnedAway}`;
}

function replicasText(plan: Plan): string {
  const { replicaSeconds, coldStarts, handBacks, days } = plan;
  const all = sumOfStates(replicaSeconds);
  const perMonth = daysPerMonth / days;
  const rows = [
    ...replicaStates.map((state) => [
      state,
      thousands(replicaSeconds[state] * perMonth),
      all === 0 ? '-' : `${round((100 * replicaSeconds[state]) / all)} %`,
    ]),
    ['all', thousands(all * perMonth), ''],
  ];
  return [
    formatTable(['replica-seconds a month', '', ''], rows),
    `${thousands(coldStarts * perMonth)} cold starts a month; ${thousands(handBacks * perMonth)} jobs handed back by workers that were stopped.`,
  ].join('\n');
}

export function billText(bill: Bill, costPerThousand: number): string {
  const rows = bill.lines
    .filter(({ cost, units }) => cost > 0 || units.length > 0)
    .map((line) => [line.component, unitsText(line), money(line.cost), line.estimate ? 'estimate' : '']);
  return formatTable(
    [`a month, ${bill.currency}`, 'used, free grants not taken off', 'cost', ''],
    [...rows, ['total', '', money(bill.total), ''], ['for 1,000 pictures', '', money(costPerThousand), '']],
  );
}

function unitsText({ units }: BillLine): string {
  return units.map(({ count, unit }) => `${thousands(count)} ${unit}`).join(' + ');
}

/** One line, for a script to print. */
export function idleText({ currency, lines, total }: Bill): string {
  const parts = lines
    .filter(({ cost }) => cost >= 0.005)
    .map(({ component, cost }) => `${component} ${money(cost)}`);
  const estimate = lines.some((line) => line.estimate) ? ' (estimate)' : '';
  return `A month without any job costs about ${money(total)} ${currency}${estimate}: ${parts.join(', ')}.`;
}
