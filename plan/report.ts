// What was found, as text for people.
import { formatTable } from '../scripts/lib/table.ts';
import type { Comparison } from './compare.ts';
import type { Bill, BillLine } from './cost/bill.ts';
import { daysPerMonth } from './cost/deployment.ts';
import type { Inputs, Plan, Setting, Waits } from './make-plan.ts';
import type { PlanOptions } from './options.ts';
import { replicaStates, sumOfStates } from './simulation/timeline.ts';
import { jobSecondsOf, type Profile } from './stage-times.ts';

export function formatPlan(options: PlanOptions, inputs: Inputs, plan: Plan): string {
  return [
    headText(options, plan),
    marksText(options, inputs),
    waitsText(plan),
    replicasText(plan),
    billText(plan.bill, plan.costPerThousand),
  ].join('\n\n');
}

function headText(options: PlanOptions, { setting, jobs, days }: Plan): string {
  const peak = options.peakPerMinute === undefined ? '' : `, ${options.peakPerMinute} in the busiest minute`;
  const load =
    options.arrivals === 'trace' ? `as recorded in ${options.trace}` : `${options.arrivals}${peak}`;
  return [
    `${thousands(jobs)} jobs of ${options.side} px in ${round(days)} days (${load}; seed ${options.seed})`,
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
  return `Job: ${seconds} s of a ${name} worker at ${side} px, ${mark(profile.measured)}. ${profile.why}`;
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

function waitsText({ waits, queueWaits, refused }: Plan): string {
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

function billText(bill: Bill, costPerThousand: number): string {
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

const mostRows = 10;

export function formatComparison(
  { plans, best, nearest, days, p95Seconds }: Comparison,
  own: Setting,
): string {
  const ours = plans.filter(({ setting }) => same(setting, own));
  const good =
    best === undefined ? [] : plans.filter((plan) => plan.refused === 0 && plan.waits.p95 <= p95Seconds);
  const shown = [...(best === undefined ? [nearest] : good.slice(0, mostRows)), ...ours];
  const rows = [...new Set(shown)].map((plan) => row(plan, plan === best, ours.includes(plan)));
  const verdict = best
    ? `The cheapest of ${plans.length} settings with 95 of 100 results within ${p95Seconds} s: ${settingText(best.setting)}, ${money(best.bill.total)} ${best.bill.currency} a month.`
    : `None of ${plans.length} settings has 95 of 100 results within ${p95Seconds} s. The nearest: ${settingText(nearest.setting)}, ${round(nearest.waits.p95)} s, ${money(nearest.bill.total)} ${nearest.bill.currency} a month.`;
  const header = [
    'setting',
    'queue length',
    'cooldown',
    'polling',
    'p50',
    'p95',
    'p99',
    'a month',
    'per 1,000',
    '',
  ];
  return [`Settings compared over ${round(days)} days`, formatTable(header, rows), verdict].join('\n');
}

function row(plan: Plan, isBest: boolean, isOwn: boolean): string[] {
  const { setting, waits, bill, costPerThousand } = plan;
  const notes = [isBest ? 'cheapest' : '', isOwn ? 'as asked for' : ''].filter(Boolean);
  return [
    `${setting.profile} x ${setting.maxReplicas}`,
    `${setting.queueLength}`,
    `${setting.cooldownSeconds} s`,
    `${setting.pollingSeconds} s`,
    round(waits.p50),
    round(waits.p95),
    round(waits.p99),
    money(bill.total),
    money(costPerThousand),
    notes.join(', '),
  ];
}

function same(a: Setting, b: Setting): boolean {
  return settingText(a) === settingText(b);
}

export function settingText(setting: Setting): string {
  const { profile, maxReplicas, queueLength, cooldownSeconds, pollingSeconds } = setting;
  const workers = maxReplicas === 1 ? 'one worker' : `up to ${maxReplicas} workers`;
  return `${profile}, ${workers}, queue length ${queueLength}, cooldown ${cooldownSeconds} s, polling ${pollingSeconds} s`;
}

function money(amount: number): string {
  return amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function thousands(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** Three figures, as many as such numbers deserve. */
function round(number: number): string {
  return number >= 100 ? thousands(number) : Number(number.toPrecision(3)).toString();
}
