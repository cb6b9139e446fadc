// A strict reader of Prometheus's text format 0.0.4, for tests: it takes nothing that a lenient one might forgive.
import assert from 'node:assert/strict';

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: MetricType;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const nameText = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const helpLine = new RegExp(`^# HELP (${nameText}) (.+)$`);
const typeLine = new RegExp(`^# TYPE (${nameText}) (counter|gauge|histogram)$`);
const unitLine = new RegExp(`^# UNIT (${nameText}) (\\S+)$`);
const sampleLine = new RegExp(
  `^(${nameText})(?:\\{(.*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|[+-]Inf|NaN)$`,
);
const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;

/** Every family by its name. @throws AssertionError that shows the first line that is not as it must be. */
export function parsePrometheus(text: string): Map<string, Family> {
  assert.ok(text === '' || text.endsWith('\n'), 'expected a line end at the very end');
  const families = new Map<string, { type?: MetricType; help: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, helped, help = ''] = helpLine.exec(line) ?? [];
    const [, typed, type] = typeLine.exec(line) ?? [];
    if (helped !== undefined) {
      assert.ok(!families.has(helped), `a second HELP: ${line}`);
      families.set(helped, { help, samples: [] });
      current = helped;
    } else if (typed !== undefined) {
      const family = families.get(typed);
      assert.ok(typed === current && family && !family.type && family.samples.length === 0, line);
      family.type = type as MetricType;
    } else if (unitLine.test(line)) {
      assert.equal(unitLine.exec(line)?.[1], current, line);
    } else {
      const sample = parseSample(line);
      const family = families.get(current);
      assert.ok(
        family?.type && isOf(sample.name, current, family.type),
        `a sample out of its family: ${line}`,
      );
      const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      assert.ok(!seen.has(series), `a second time: ${line}`);
      seen.add(series);
      family.samples.push(sample);
    }
  }
  for (const [name, { type, samples }] of families) checkFamily(name, type, samples);
  return families as Map<string, Family>;
}

/** The value of the one series that has these labels, and perhaps others. */
export function sampleValue(
  families: Map<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number {
  const found = [...families.values()]
    .flatMap(({ samples }) => samples)
    .filter(
      (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    );
  const [sample, ...more] = found;
  assert.ok(
    sample,
    `expected a value of ${name} ${JSON.stringify(labels)}, found ${[...families.keys()].join()}`,
  );
  assert.deepEqual(more, [], `expected one series of ${name} ${JSON.stringify(labels)}`);
  return sample.value;
}

function parseSample(line: string): Sample {
  const [, name = '', inBraces = '', value = ''] = sampleLine.exec(line) ?? assert.fail(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = inBraces; rest !== ''; ) {
    const [whole, key = '', escaped = ''] = label.exec(rest) ?? assert.fail(`no labels: ${line}`);
    assert.ok(!(key in labels), `a label twice: ${line}`);
    labels[key] = escaped.replace(/\\(.)/g, (_all, one: string) => (one === 'n' ? '\n' : one));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function isOf(sample: string, family: string, type: MetricType): boolean {
  return type === 'histogram'
    ? ['_bucket', '_sum', '_count'].some((suffix) => sample === family + suffix)
    : sample === family;
}

function checkFamily(name: string, type: MetricType | undefined, samples: readonly Sample[]): void {
  assert.ok(type, `expected a TYPE of ${name}`);
  if (type === 'counter') {
    assert.ok(name.endsWith('_total'), name);
    assert.ok(
      samples.every(({ value }) => value >= 0),
      name,
    );
  }
  if (type === 'histogram') for (const series of bySeries(samples)) checkHistogram(name, series);
}

function bySeries(samples: readonly Sample[]): Sample[][] {
  const withoutBound = ({ labels: { le: _le, ...rest } }: Sample) =>
    JSON.stringify(Object.entries(rest).sort());
  return [...Map.groupBy(samples, withoutBound).values()];
}

/** Each bucket holds those below it, too, and the last one all. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels: { le = '' } }) => Number(le.replace('Inf', 'Infinity')));
  const counts = buckets.map(({ value }) => value);
  const ascending = (values: readonly number[]) =>
    values.every((one, at) => at === 0 || one >= (values[at - 1] ?? 0));
  assert.ok(ascending(bounds) && new Set(bounds).size === bounds.length && ascending(counts), name);
  assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY, name);
  const of = (suffix: string) =>
    samples.filter((sample) => sample.name === name + suffix).map(({ value }) => value);
  assert.deepEqual([of('_count'), of('_sum').length], [[counts.at(-1)], 1], name);
}
