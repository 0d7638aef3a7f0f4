import type { Family } from './catalog.ts';
import type { Distribution, Metric } from './metric.ts';
import { createSeriesTable } from './series.ts';

interface Tally {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  min: number;
  max: number;
}

/** Observations in the family's fixed buckets. */
export function createHistogram(family: Family): Metric {
  const bounds = Float64Array.from(family.buckets);
  const series = createSeriesTable(family.labels, (labels) => ({
    labels,
    touched: false,
    drained: createTally(bounds.length + 1),
    pending: createTally(bounds.length + 1),
  }));
  return {
    record(labels, value) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
      const tally = series.touch(labels).pending;
      let bucket = 0;
      while (value > (bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
      tally.counts[bucket] = (tally.counts[bucket] ?? 0) + 1;
      tally.sums[bucket] = (tally.sums[bucket] ?? 0) + value;
      if (value < tally.min) tally.min = value;
      if (value > tally.max) tally.max = value;
    },
    snapshot() {
      const distributions = series.all().map(({ labels, drained, pending }) => {
        const total = createTally(bounds.length + 1);
        addTo(total, drained);
        addTo(total, pending);
        return toDistribution(labels, total);
      });
      return { family, samples: [], distributions };
    },
    drain() {
      const distributions = series.takeTouched().map(({ labels, drained, pending }) => {
        const difference = toDistribution(labels, pending);
        addTo(drained, pending);
        clear(pending);
        return difference;
      });
      return distributions.length > 0 ? { family, samples: [], distributions } : undefined;
    },
  };
}

function createTally(size: number): Tally {
  const tally = { counts: new Float64Array(size), sums: new Float64Array(size), min: 0, max: 0 };
  clear(tally);
  return tally;
}

function clear(tally: Tally): void {
  tally.counts.fill(0);
  tally.sums.fill(0);
  tally.min = Number.POSITIVE_INFINITY;
  tally.max = Number.NEGATIVE_INFINITY;
}

function addTo(total: Tally, part: Tally): void {
  for (let i = 0; i < total.counts.length; i++) {
    total.counts[i] = (total.counts[i] ?? 0) + (part.counts[i] ?? 0);
    total.sums[i] = (total.sums[i] ?? 0) + (part.sums[i] ?? 0);
  }
  total.min = Math.min(total.min, part.min);
  total.max = Math.max(total.max, part.max);
}

function toDistribution(labels: readonly string[], { counts, sums, min, max }: Tally): Distribution {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    count += counts[i] ?? 0;
    sum += sums[i] ?? 0;
  }
  return { labels, counts: Array.from(counts), sums: Array.from(sums), count, sum, min, max };
}
