// The busiest day as a picture: what came and what waited, who was there for it, and how long it took.
import { writeFile } from 'node:fs/promises';
import { type EChartsOption, init, setPlatformAPI } from 'echarts';
import sharp from 'sharp';
import { busiestDay } from './busiest-day.ts';
import { lineNames, seriesOf } from './chart-series.ts';
import { fontFamily, titleOf } from './chart-title.ts';
import { secondsPerDay } from './cost/deployment.ts';
import type { Plan } from './make-plan.ts';
import type { PlanOptions } from './options.ts';
import type { Simulation } from './simulation/simulate.ts';

const size = { width: 1_200, height: 880 };

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
  const isSvg = /\.svg$/i.test(file);
  await writeFile(file, isSvg ? svg : await pngOf(svg));
}

async function pngOf(svg: string): Promise<Buffer> {
  return await sharp(Buffer.from(svg)).flatten({ background: 'white' }).png().toBuffer();
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
    title: titleOf(options, plan, shown[0]?.fromSeconds ?? 0),
    legend: legends(),
    grid: panels.map(({ top, height }) => ({ left: 90, right: 90, top, height })),
    xAxis: panels.map((_, panel) => timeAxis(panel, Math.min(1, plan.days) * secondsPerDay)),
    yAxis: valueAxes(stretchSeconds),
    series: seriesOf(simulation, shown),
  };
}

function legends() {
  return panels.map(({ top }, index) => ({
    ...{ data: [...(lineNames[index] ?? [])], left: 'center', top: top - 32, icon: 'roundRect', itemGap: 24 },
    textStyle: { fontSize: 13, fontFamily },
  }));
}

/** Seconds between two labels of the time, and how many there may be. */
const ticks = [30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200];
const mostTicks = 12;

function timeAxis(panel: number, seconds: number) {
  const interval = ticks.find((tick) => seconds <= mostTicks * tick) ?? secondsPerDay / mostTicks;
  const withSeconds = interval % 60 !== 0;
  const names = withSeconds ? 'hours, minutes and seconds' : 'hours and minutes';
  const since = seconds < secondsPerDay ? 'start' : 'start of the day';
  return {
    type: 'value',
    gridIndex: panel,
    min: 0,
    max: interval * Math.ceil(seconds / interval),
    interval,
    axisLabel: { formatter: (at: number) => clock(at, withSeconds), fontFamily },
    name: panel === panels.length - 1 ? `${names} since the ${since}` : '',
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: nameStyle,
    splitLine: { show: false },
  } as const;
}

/** Since the start of what is shown. */
function clock(at: number, withSeconds: boolean): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const minutes = `${two(at / 3_600)}:${two((at % 3_600) / 60)}`;
  return withSeconds ? `${minutes}:${two(at % 60)}` : minutes;
}

function spanText(seconds: number): string {
  return seconds >= 60 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds)} s`;
}

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
