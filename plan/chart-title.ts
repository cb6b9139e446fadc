// What stands above the chart: the load, the setting, and what came of it.
import { secondsPerDay } from './cost/deployment.ts';
import type { Plan } from './make-plan.ts';
import type { PlanOptions } from './options.ts';
import { round, settingText, thousands } from './wording.ts';

export const fontFamily = 'DejaVu Sans, Liberation Sans, Arial, Helvetica, sans-serif';

/** @param fromSeconds since the start of the run, where the day begins that is shown. */
export function titleOf(options: PlanOptions, plan: Plan, fromSeconds: number) {
  const { setting, days, bill } = plan;
  const shown = days <= 1 ? '' : `: the busiest day (day ${Math.floor(fromSeconds / secondsPerDay) + 1})`;
  const load =
    options.arrivals === 'trace'
      ? 'recorded arrivals'
      : `${thousands(options.jobsPerDay)} ${options.jobsPerDay === 1 ? 'job' : 'jobs'} a day, ${options.arrivals}`;
  const summary = `${waitText(plan)}; about ${thousands(bill.total)} ${bill.currency} a month${isEstimate(bill) ? ' (estimate)' : ''}`;
  return [
    {
      text: `${load}${shown}`,
      subtext: `${settingText(setting)}\n${summary}`,
      left: 20,
      top: 8,
      textStyle: { fontSize: 18, fontFamily },
      subtextStyle: { fontSize: 13, color: '#444444', lineHeight: 18, fontFamily },
    },
  ];
}

function waitText({ jobs, refused, waits }: Plan): string {
  if (jobs === 0) return 'no job came';
  const within = `95 of 100 results within ${round(waits.p95)} s`;
  return refused === 0
    ? within
    : `${within}, ${thousands(refused)} of ${thousands(jobs + refused)} jobs turned away`;
}

function isEstimate({ lines }: Plan['bill']): boolean {
  return lines.some(({ estimate }) => estimate);
}
