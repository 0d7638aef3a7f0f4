import { METRIC_KINDS, type MetricLabels, type MetricName, type NameOf } from '../ports/metrics.ts';

export type MetricUnit = 'count' | 'seconds' | 'usd' | 'percent';

type Description<N extends MetricName> = {
  readonly help: string;
  readonly unit: MetricUnit;
  /** All labels of the metric, none forgotten; written out in this order. */
  readonly labels: { readonly [L in keyof MetricLabels[N]]: true };
} & (N extends NameOf<'histogram'> ? { readonly buckets: readonly number[] } : unknown);

// Upper bounds, inclusive, in the metric's unit. At most 99, because CloudWatch takes 100 values at a time.
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const INVOCATION_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
const RESOLUTION_SECONDS = [
  0.1,
  0.5,
  1,
  5,
  15,
  60,
  300,
  900,
  3600,
  4 * 3600,
  12 * 3600,
  86_400,
  3 * 86_400,
  7 * 86_400,
];

const DESCRIPTIONS: { readonly [N in MetricName]: Description<N> } = {
  tickets_processed: {
    help: 'Tickets that reached a terminal state, by state and by the agent that gave the answer',
    unit: 'count',
    labels: { status: true, agent: true },
  },
  ticket_resolution_time: {
    help: 'Seconds from intake to a terminal state',
    unit: 'seconds',
    labels: { priority: true },
    buckets: RESOLUTION_SECONDS,
  },
  llm_cost: { help: 'US dollars spent on language models', unit: 'usd', labels: { model: true } },
  ticket_queue_depth: { help: 'Messages waiting in a queue, as last seen', unit: 'count', labels: { queue: true } },
  agent_coordination_failures_total: {
    help: 'Tickets whose agents did not come to a common answer, by reason',
    unit: 'count',
    labels: { reason: true },
  },
  cloud_service_response_time_seconds: {
    help: 'Seconds of one call to a service of the cloud',
    unit: 'seconds',
    labels: { service: true },
    buckets: CALL_SECONDS,
  },
  cloud_retries_total: {
    help: 'Attempts repeated because a cloud was busy, unreachable or silent, by operation',
    unit: 'count',
    labels: { operation: true },
  },
  ai_service_quota_usage_percent: {
    help: 'Share of the quota of a model that is used, 0 to 100',
    unit: 'percent',
    labels: { model: true },
  },
  invocations_total: {
    help: 'Invocations by function, trigger and outcome',
    unit: 'count',
    labels: { function: true, trigger: true, outcome: true },
  },
  invocation_seconds: {
    help: 'Seconds of one invocation, host excluded',
    unit: 'seconds',
    labels: { function: true, trigger: true },
    buckets: INVOCATION_SECONDS,
  },
};

/** One metric as an encoder needs it. */
export interface Family {
  readonly name: MetricName;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly help: string;
  readonly unit: MetricUnit;
  readonly labels: readonly string[];
  /** Upper bounds, inclusive and ascending; empty unless it is a histogram. */
  readonly buckets: readonly number[];
}

// Object.keys forgets the key type of an object that holds exactly these keys.
const NAMES = Object.keys(METRIC_KINDS) as MetricName[];

export const FAMILIES: readonly Family[] = NAMES.map((name) => {
  const description = DESCRIPTIONS[name];
  return {
    name,
    kind: METRIC_KINDS[name],
    help: description.help,
    unit: description.unit,
    labels: Object.keys(description.labels),
    buckets: 'buckets' in description ? description.buckets : [],
  };
});
