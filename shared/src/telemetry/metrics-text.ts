// Metrics as Prometheus reads them, by the exporter's own serializer.
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import type { CountedHistogram, CountedSeries } from './metrics.ts';
import { stageBounds } from './metrics-buckets.ts';
import { fleetMeterName } from './metrics-meters.ts';

/** What one process has measured says which one: several may answer under one address. */
const ofProcess = makeSerializer(/^service\.instance\.id$/);
const ofFleet = makeSerializer();

/** @param labels attributes of the process that each of its series has. Neither times nor scopes are written. */
function makeSerializer(labels?: RegExp): PrometheusSerializer {
  return new PrometheusSerializer('', false, labels, true, true);
}

/** @param also histograms that others have counted. */
export function metricsText(
  { resource, scopeMetrics }: ResourceMetrics,
  also: readonly CountedHistogram[],
): string {
  const fleet = scopeMetrics.filter(({ scope }) => scope.name === fleetMeterName);
  const own = scopeMetrics.filter(({ scope }) => scope.name !== fleetMeterName);
  const counted = also.filter(({ series }) => series.length > 0).map(histogramOf);
  const ofOthers: ScopeMetrics = { scope: { name: fleetMeterName }, metrics: counted };
  return [
    serialize(ofProcess, { resource, scopeMetrics: own }),
    serialize(ofFleet, { resource, scopeMetrics: [...fleet, ofOthers] }),
  ].join('');
}

/** Of nothing the serializer makes a comment that says so, in the middle of what there is. */
function serialize(serializer: PrometheusSerializer, part: ResourceMetrics): string {
  return part.scopeMetrics.some(({ metrics }) => metrics.length > 0) ? serializer.serialize(part) : '';
}

function histogramOf({ name, description, series }: CountedHistogram): HistogramMetricData {
  return {
    descriptor: { name, description, unit: 's', valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: series.map(dataPointOf),
  };
}

function dataPointOf({ labels, counts, sum }: CountedSeries): HistogramMetricData['dataPoints'][number] {
  const buckets = { boundaries: [...stageBounds], counts: [...counts] };
  const count = counts.reduce((total, one) => total + one, 0);
  return { startTime: [0, 0], endTime: [0, 0], attributes: { ...labels }, value: { buckets, count, sum } };
}
