// One thing that a level measured: a figure, with or without a limit, and what it means when the limit is not kept.

/** How the value has to stand to the limit. */
type Comparison = '<' | '<=' | '>' | '=';

export interface Measure {
  readonly what: string;
  /** NaN where this machine cannot tell. */
  readonly value: number;
  /** Such as `ms`; empty for a count. */
  readonly unit: string;
  readonly limit?: { readonly comparison: Comparison; readonly value: number };
  /** `correctness`: a promise is broken, the run fails. `speed`: it is told, and may differ on another machine. */
  readonly kind: 'correctness' | 'speed';
}

export type Verdict = 'held' | 'missed' | 'BROKEN' | 'not measured' | '';

type Limits = readonly [what: string, value: number, comparison: Comparison, limit: number, unit?: string];

/** A promise: when it does not hold, the service is wrong. */
export function promise(...[what, value, comparison, limit, unit = '']: Limits): Measure {
  return { what, value, unit, limit: { comparison, value: limit }, kind: 'correctness' };
}

/** An aim: when it does not hold, the service is slow or large. */
export function aim(...[what, value, comparison, limit, unit = '']: Limits): Measure {
  return { what, value, unit, limit: { comparison, value: limit }, kind: 'speed' };
}

/** Something to know, without a limit. */
export function figure(what: string, value: number, unit = ''): Measure {
  return { what, value, unit, kind: 'speed' };
}

export function verdictOf({ value, limit, kind }: Measure): Verdict {
  if (Number.isNaN(value)) return 'not measured';
  if (!limit) return '';
  if (holds(value, limit.comparison, limit.value)) return 'held';
  return kind === 'correctness' ? 'BROKEN' : 'missed';
}

function holds(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '=':
      return value === limit;
  }
}

/** `87 ms`, `0.25 /s`, `12`: three digits and all those before the point. */
export function valueText({ value, unit }: Pick<Measure, 'value' | 'unit'>): string {
  if (Number.isNaN(value)) return '-';
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`.trim();
}

/** `< 500 ms`; empty without a limit. */
export function limitText({ limit, unit }: Measure): string {
  return limit ? `${limit.comparison} ${valueText({ value: limit.value, unit })}` : '';
}
