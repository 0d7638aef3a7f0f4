import type { Family } from './catalog.ts';
import type { Collected } from './metric.ts';

/** `AggregationTemporality.DELTA`: the points of one request cover the time since the request before it. */
const DELTA = 1;

// Units by https://ucum.org, as OpenTelemetry wants them.
const UNITS = { count: '1', seconds: 's', usd: '{USD}', percent: '%' } as const;

export interface OtlpWindow {
  /** Attributes of the resource, such as `service.name`. */
  readonly resource: Readonly<Record<string, string>>;
  /** Epoch milliseconds of the drain before. */
  readonly since: number;
  /** Epoch milliseconds of this drain. */
  readonly until: number;
}

/**
 * A drained difference as the JSON body of `POST /v1/metrics`
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: 64-bit integers are decimal strings, enums numbers).
 */
export function toOtlp(drained: readonly Collected[], { resource, since, until }: OtlpWindow): object {
  const time = { startTimeUnixNano: toNanos(since), timeUnixNano: toNanos(until) };
  const metrics = drained.map(({ family, samples, distributions }) => {
    const described = { name: family.name, description: family.help, unit: UNITS[family.unit] };
    const numbers = samples.map(({ labels, value }) => ({
      attributes: toLabels(family, labels),
      ...time,
      asDouble: value,
    }));
    if (family.kind === 'counter')
      return { ...described, sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints: numbers } };
    if (family.kind === 'gauge') return { ...described, gauge: { dataPoints: numbers } };
    const dataPoints = distributions.map(({ labels, counts, count, sum, min, max }) => ({
      attributes: toLabels(family, labels),
      ...time,
      count: String(count),
      sum,
      min,
      max,
      bucketCounts: counts.map(String),
      explicitBounds: family.buckets,
    }));
    return { ...described, histogram: { aggregationTemporality: DELTA, dataPoints } };
  });
  return {
    resourceMetrics: [
      {
        resource: { attributes: toAttributes(Object.entries(resource)) },
        scopeMetrics: [{ scope: { name: 'trifold' }, metrics }],
      },
    ],
  };
}

const toNanos = (epochMs: number): string => `${Math.trunc(epochMs)}000000`;

const toLabels = (family: Family, values: readonly string[]) =>
  toAttributes(family.labels.map((name, i) => [name, values[i] ?? '']));

const toAttributes = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([key, stringValue]) => ({ key, value: { stringValue } }));
