import type { Family } from './catalog.ts';
import type { Labels } from './series.ts';

/** A counter's or gauge's value. */
export interface Sample {
  /** Label values, in the order of the family's labels. */
  readonly labels: readonly string[];
  readonly value: number;
}

/** A histogram's observations. */
export interface Distribution {
  readonly labels: readonly string[];
  /** Observations in each bucket, not cumulative; one more than there are bounds: the last is above all of them. */
  readonly counts: readonly number[];
  /** Sum of the observations in each bucket. */
  readonly sums: readonly number[];
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** What one metric has to tell; `samples` of counters and gauges, `distributions` of histograms. */
export interface Collected {
  readonly family: Family;
  readonly samples: readonly Sample[];
  readonly distributions: readonly Distribution[];
}

export interface Metric {
  /** Adds to, observes, or sets. */
  record(labels: Labels, value: number): void;
  snapshot(): Collected;
  /** `undefined` when nothing changed. */
  drain(): Collected | undefined;
}
