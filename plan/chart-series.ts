// The lines of the chart: which figures they show, in which panel, and how they look.
import { waitsByStretch } from './busiest-day.ts';
import type { Simulation } from './simulation/simulate.ts';
import type { ReplicaState, Stretch } from './simulation/timeline.ts';

const statesFromBelow = ['busy', 'idle', 'cold', 'leaving'] as const satisfies readonly ReplicaState[];
const stateNames: Readonly<Record<ReplicaState, string>> = {
  busy: 'busy',
  idle: 'idle, paid for',
  cold: 'cold start, paid for',
  leaving: 'being removed',
};
const colours = {
  arrivals: '#5b7fa6',
  queue: '#c0392b',
  busy: '#3a7d44',
  idle: '#e0b84c',
  cold: '#8fb8de',
  leaving: '#b0b0b0',
  p50: '#7d5ba6',
  p95: '#c0392b',
};

/** Where nobody came before or after, a line has no length: a dot shows what there is. */
const alone = { connectNulls: false, symbol: 'circle', showSymbol: true, symbolSize: 4 } as const;

/** Names of the lines in each panel, from above to below, as its legend has them. */
export const lineNames: readonly (readonly string[])[] = [
  ['arrivals', 'longest queue'],
  statesFromBelow.map((state) => stateNames[state]),
  ['half of them within', '95 of 100 within'],
];

type Points = [seconds: number, value: number][];

/** @param shown the stretches that the chart is of. The queue has the fourth axis, on the right of the first panel. */
export function seriesOf(simulation: Simulation, shown: readonly Stretch[]) {
  const { stretchSeconds } = simulation;
  const start = shown[0]?.fromSeconds ?? 0;
  const at = (value: (stretch: Stretch) => number): Points =>
    shown.map((stretch) => [stretch.fromSeconds - start, value(stretch)]);
  const waits = waitsByStretch(simulation);
  const wait = (share: number) => at(({ fromSeconds }) => waits(fromSeconds, share));
  const arrivals = at((stretch) => (60 * stretch.arrivals) / stretchSeconds);
  const queue = at(({ mostWaiting }) => mostWaiting);
  const workers = (state: ReplicaState) => at(({ replicaSeconds }) => replicaSeconds[state] / stretchSeconds);
  return [
    { ...line('arrivals', 0, colours.arrivals, arrivals), ...filled(colours.arrivals, 0.35) },
    { ...line('longest queue', 0, colours.queue, queue), yAxisIndex: 3 },
    ...statesFromBelow.map((state) => ({
      ...line(stateNames[state], 1, colours[state], workers(state)),
      ...{ stack: 'workers', step: 'end' as const, lineStyle: { width: 0 } },
      ...filled(colours[state], 0.9),
    })),
    { ...line('95 of 100 within', 2, colours.p95, wait(0.95)), ...alone },
    { ...line('half of them within', 2, colours.p50, wait(0.5)), ...alone },
  ];
}

function line(name: string, panel: number, colour: string, data: Points) {
  return {
    ...({ type: 'line', name, xAxisIndex: panel, yAxisIndex: panel, data, symbol: 'none' } as const),
    ...{ itemStyle: { color: colour }, lineStyle: { color: colour, width: 1.5 } },
  };
}

function filled(color: string, opacity: number) {
  return { areaStyle: { color, opacity } };
}
