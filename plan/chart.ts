// The busiest day as a picture: what came and what waited, who was there for it, and how long it took.
import { writeFile } from 'node:fs/promises';
import { type EChartsOption, init, setPlatformAPI } from 'echarts';
import sharp from 'sharp';
import { busiestDay } from './busiest-day.ts';
import { lineNames, seriesOf } from './chart-series.ts';
import { secondsPerDay } from './cost/deployment.ts';
import type { Plan } from './make-plan.ts';
import type { PlanOptions } from './options.ts';
import { settingText } from './report.ts';
import type { Simulation } from './simulation/simulate.ts';

const size = { width: 1_200, height: 880 };
const fontFamily = 'DejaVu Sans, Liberation Sans, Arial, Helvetica, sans-serif';

/** Without a browser nobody measures text: a letter of the fonts above is so wide for each pixel of its height. */
const letterWidth = 0.62;
setPlatformAPI({
  measureText: (text, font) => ({
    width: text.length * letterWidth * Number(/([\d.]+)px/.exec(font ?? '')?.[1] ?? 12),
  }),
});

/** Draws the chart as SVG text. */
export function chartOf(options: PlanOptions, plan: Plan, simulation: Simulation): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption(optionOf(options, plan, simulation));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** @param file ends in .svg or .png. */
export async function writeChart(file: string, svg: string): Promise<void> {
  if (/\.svg$/i.test(file)) await writeFile(file, svg);
  else await sharp(Buffer.from(svg)).flatten({ background: 'white' }).png().toFile(file);
}

const nameStyle = { fontFamily, fontSize: 13 };

/** Panels from above to below: their place in the picture, in pixels. */
const panels = [
  { top: 110, height: 190 },
  { top: 375, height: 190 },
  { top: 640, height: 190 },
] as const;

function optionOf(options: PlanOptions, plan: Plan, simulation: Simulation): EChartsOption {
  const shown = busiestDay(simulation, plan.days);
  const { stretchSeconds } = simulation;
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily },
    title: titlesOf(options, plan, shown[0]?.fromSeconds ?? 0),
    legend: legends(),
    grid: panels.map(({ top, height }) => ({ left: 90, right: 90, top, height })),
    xAxis: panels.map((_, panel) => timeAxis(panel, shown.length * stretchSeconds)),
    yAxis: valueAxes(stretchSeconds),
    series: seriesOf(simulation, shown),
  };
}

function titlesOf(options: PlanOptions, { setting, bill, waits }: Plan, fromSeconds: number) {
  const day = Math.floor(fromSeconds / secondsPerDay) + 1;
  const load =
    options.arrivals === 'trace'
      ? 'recorded arrivals'
      : `${options.jobsPerDay.toLocaleString('en')} jobs a day, ${options.arrivals}`;
  const summary = `95 of 100 results within ${Math.round(waits.p95)} s; about ${Math.round(bill.total)} ${bill.currency} a month (estimate)`;
  return [
    {
      text: `${load}: the busiest day (day ${day})`,
      subtext: `${settingText(setting)}\n${summary}`,
      left: 20,
      top: 8,
      textStyle: { fontSize: 18, fontFamily },
      subtextStyle: { fontSize: 13, color: '#444444', lineHeight: 18, fontFamily },
    },
  ];
}

function legends() {
  return panels.map(({ top }, index) => ({
    ...{ data: [...(lineNames[index] ?? [])], left: 'center', top: top - 32, icon: 'roundRect', itemGap: 24 },
    textStyle: { fontSize: 13, fontFamily },
  }));
}

function timeAxis(panel: number, seconds: number) {
  return {
    type: 'value',
    gridIndex: panel,
    min: 0,
    max: seconds,
    interval: seconds / 12,
    axisLabel: { formatter: clock, fontFamily },
    name: panel === panels.length - 1 ? 'hours and minutes since the start of the day' : '',
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: nameStyle,
    splitLine: { show: false },
  } as const;
}

/** Hours and minutes since the start of what is shown; with seconds where that is short. */
function clock(seconds: number): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  return `${two(seconds / 3_600)}:${two((seconds % 3_600) / 60)}`;
}

function spanText(seconds: number): string {
  return seconds >= 60 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds)} s`;
}

/** One for each panel, and one for the queue on the right of the first. */
function valueAxes(stretchSeconds: number) {
  return [
    valueAxis(0, 'jobs a minute'),
    valueAxis(1, `workers, mean of ${spanText(stretchSeconds)}`),
    valueAxis(2, 'seconds to the result'),
    {
      ...valueAxis(0, 'jobs waiting'),
      ...{ position: 'right' as const, splitLine: { show: false } },
      nameTextStyle: { ...nameStyle, align: 'right' as const, padding: [0, -50, 4, 0] },
    },
  ];
}

function valueAxis(panel: number, name: string) {
  return {
    ...({ type: 'value', nameLocation: 'end' } as const),
    ...{ gridIndex: panel, name, min: 0, minInterval: panel === 1 ? 1 : 0 },
    nameTextStyle: { ...nameStyle, align: 'left' as const, padding: [0, 0, 4, -50] },
    axisLabel: { fontFamily },
  };
}
