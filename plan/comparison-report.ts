// The settings that were compared, as a table with its verdict.
import { formatTable } from '../scripts/lib/table.ts';
import { type Comparison, meets } from './compare.ts';
import type { Plan, Setting } from './make-plan.ts';
import { money, round, settingText, spanText } from './wording.ts';

const mostRows = 10;

export function formatComparison(
  { plans, best, nearest, days, p95Seconds }: Comparison,
  own: Setting,
): string {
  const ours = plans.filter(({ setting }) => same(setting, own));
  const good = best === undefined ? [] : plans.filter((plan) => meets(plan, p95Seconds));
  const shown = [...(best === undefined ? [nearest] : good.slice(0, mostRows)), ...ours];
  const rows = [...new Set(shown)].map((plan) => row(plan, plan === best, ours.includes(plan)));
  const verdict = best
    ? `The cheapest of ${plans.length} settings with 95 of 100 results within ${p95Seconds} s: ${settingText(best.setting)}, ${money(best.bill.total)} ${best.bill.currency} a month.`
    : `None of ${plans.length} settings has 95 of 100 results within ${p95Seconds} s and turns nobody away. The nearest: ${settingText(nearest.setting)}, ${round(nearest.waits.p95)} s, ${refusedText(nearest)}, ${money(nearest.bill.total)} ${nearest.bill.currency} a month.`;
  const header = [
    'workers',
    'queue length',
    'cooldown',
    'polling',
    'p50, s',
    'p95, s',
    'p99, s',
    `${nearest.bill.currency} a month`,
    'for 1,000',
    '',
  ];
  return [
    `Settings compared over ${spanText(days)}, seconds from submission to result`,
    formatTable(header, rows),
    verdict,
  ].join('\n');
}

function row(plan: Plan, isBest: boolean, isOwn: boolean): string[] {
  const { setting, waits, bill, costPerThousand } = plan;
  const notes = [
    isBest ? 'cheapest' : '',
    isOwn ? 'as asked for' : '',
    plan.refused > 0 ? refusedText(plan) : '',
  ].filter(Boolean);
  return [
    `${setting.profile}, up to ${setting.maxReplicas}`,
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

function refusedText({ refused, jobs }: Plan): string {
  return refused === 0 ? 'nobody turned away' : `${round((100 * refused) / (refused + jobs))} % turned away`;
}

function same(a: Setting, b: Setting): boolean {
  return settingText(a) === settingText(b);
}
