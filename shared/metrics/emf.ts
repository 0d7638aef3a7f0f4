import type { MetricUnit } from './catalog.ts';
import type { Collected, Distribution } from './metric.ts';

const NAMESPACE = 'Trifold';

// CloudWatch knows no unit of money (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
const UNITS: { readonly [U in MetricUnit]: string } = {
  count: 'Count',
  seconds: 'Seconds',
  usd: 'None',
  percent: 'Percent',
};

/** Many observations at once; CloudWatch computes percentiles from them as from single ones. */
interface Values {
  readonly Values: readonly number[];
  readonly Counts: readonly number[];
  readonly Count: number;
  readonly Sum: number;
  readonly Min: number;
  readonly Max: number;
}

interface Document {
  readonly dimensions: ReadonlyMap<string, string>;
  readonly metrics: { readonly Name: string; readonly Unit: string }[];
  readonly values: Record<string, number | Values>;
}

/**
 * A drained difference as lines of CloudWatch's embedded metric format, each without its line break
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * Metrics that share all dimensions share a line, because a line has room for one value of each dimension; so a line
 * holds each metric at most once and can't reach the limit of 100. `timestamp` in epoch milliseconds.
 */
export function toEmf(drained: readonly Collected[], timestamp: number): string[] {
  const documents = new Map<string, Document>();
  for (const { family, samples, distributions } of drained) {
    const add = (labels: readonly string[], value: number | Values) => {
      const document = documentOf(documents, family.labels, labels);
      document.metrics.push({ Name: family.name, Unit: UNITS[family.unit] });
      document.values[family.name] = value;
    };
    for (const { labels, value } of samples) add(labels, value);
    for (const distribution of distributions) add(distribution.labels, toValues(distribution));
  }
  return [...documents.values()].map(({ dimensions, metrics, values }) =>
    JSON.stringify({
      _aws: {
        Timestamp: timestamp,
        CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [[...dimensions.keys()]], Metrics: metrics }],
      },
      ...Object.fromEntries(dimensions),
      ...values,
    }),
  );
}

function documentOf(documents: Map<string, Document>, names: readonly string[], labels: readonly string[]): Document {
  const key = JSON.stringify([names, labels]);
  let document = documents.get(key);
  if (!document) {
    const dimensions = new Map(names.map((name, i) => [name, toDimension(labels[i] ?? '')]));
    document = { dimensions, metrics: [], values: {} };
    documents.set(key, document);
  }
  return document;
}

/**
 * Each bucket becomes its mean, so that a single observation stays what it was and the sum stays exact. The form with
 * counts is not on the specification's page, but CloudWatch's own agent and libraries write it
 * (https://github.com/awslabs/metrique/blob/main/metrique/docs/emf.md#histogram--sampling-support); a single
 * observation is written in the documented form. At most 100 values: there are fewer buckets.
 */
function toValues({ counts, sums, count, sum, min, max }: Distribution): number | Values {
  if (count === 1) return sum;
  const filled = [...counts.keys()].filter((i) => (counts[i] ?? 0) > 0);
  return {
    Values: filled.map((i) => (sums[i] ?? 0) / (counts[i] ?? 1)),
    Counts: filled.map((i) => counts[i] ?? 0),
    Count: count,
    Sum: sum,
    Min: min,
    Max: max,
  };
}

/** CloudWatch drops metrics whose dimensions are empty, longer than 1,024 characters, or not printable ASCII. */
const toDimension = (value: string): string =>
  value
    .replaceAll(/[^ -~]/gu, '?')
    .trim()
    .slice(0, 1024) || 'none';
