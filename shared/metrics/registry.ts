import type { Metrics } from '../ports/metrics.ts';
import { FAMILIES, type Family } from './catalog.ts';
import { createHistogram } from './histogram.ts';
import type { Collected, Metric, Sample } from './metric.ts';
import { createSeriesTable } from './series.ts';

export interface Registry extends Omit<Metrics, 'flush'> {
  /** Everything since the start, with every metric, those without series included. Changes nothing. */
  snapshot(): readonly Collected[];
  /** What changed since the last drain: counters and histograms as differences, gauges as last set. */
  drain(): readonly Collected[];
}

/**
 * Counts in memory. Values that make no sense (not finite; negative, except in a gauge) are left out, because
 * telemetry never throws: a clock that was set back costs an observation and not an invocation.
 */
export function createRegistry(): Registry {
  const metrics = new Map(FAMILIES.map((family) => [family.name, createMetric(family)]));
  // Every name is in the map: it is made of the same table that the names' type comes from.
  const of = (name: Family['name']) => metrics.get(name) as Metric;
  const list = [...metrics.values()];
  return {
    count: (name, labels, by = 1) => of(name).record(labels, by),
    observe: (name, labels, value) => of(name).record(labels, value),
    set: (name, labels, value) => of(name).record(labels, value),
    snapshot: () => list.map((metric) => metric.snapshot()),
    drain: () => list.map((metric) => metric.drain()).filter((collected) => collected !== undefined),
  };
}

function createMetric(family: Family): Metric {
  if (family.kind === 'histogram') return createHistogram(family);
  return family.kind === 'gauge' ? createGauge(family) : createCounter(family);
}

function createCounter(family: Family): Metric {
  const series = createSeriesTable(family.labels, (labels) => ({ labels, touched: false, drained: 0, pending: 0 }));
  return {
    record(labels, by) {
      if (by > 0 && by < Number.POSITIVE_INFINITY) series.touch(labels).pending += by;
    },
    snapshot: () =>
      samples(
        family,
        series.all().map(({ labels, drained, pending }) => ({ labels, value: drained + pending })),
      ),
    drain() {
      const changed = series.takeTouched().map((one) => {
        const value = one.pending;
        // The difference is kept apart: subtracting two totals would turn 0.1 dollars into 0.09999999999999998.
        one.drained += value;
        one.pending = 0;
        return { labels: one.labels, value };
      });
      return changed.length > 0 ? samples(family, changed) : undefined;
    },
  };
}

function createGauge(family: Family): Metric {
  const series = createSeriesTable(family.labels, (labels) => ({ labels, touched: false, value: 0 }));
  return {
    record(labels, value) {
      if (Number.isFinite(value)) series.touch(labels).value = value;
    },
    snapshot: () =>
      samples(
        family,
        series.all().map(({ labels, value }) => ({ labels, value })),
      ),
    drain() {
      const changed = series.takeTouched().map(({ labels, value }) => ({ labels, value }));
      return changed.length > 0 ? samples(family, changed) : undefined;
    },
  };
}

const samples = (family: Family, values: readonly Sample[]): Collected => ({
  family,
  samples: values,
  distributions: [],
});
