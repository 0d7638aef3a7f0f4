/**
 * Counters, histograms and gauges under the names that the product promises; units are in the names or said here.
 * Label sets are fixed by name, so that a typo is a type error and cardinality stays bounded.
 */
export interface MetricLabels {
  /** Tickets that reached a terminal state: `status` closed or handed_over, `agent` that gave the answer. */
  tickets_processed: { status: string; agent: string };
  /** Seconds from intake to a terminal state. */
  ticket_resolution_time: { priority: string };
  /** US dollars. */
  llm_cost: { model: string };
  /** Messages waiting, as last seen. */
  ticket_queue_depth: { queue: string };
  agent_coordination_failures_total: { reason: string };
  /** Seconds of one call to a cloud's service. */
  cloud_service_response_time_seconds: { service: string };
  /** Attempts repeated because a cloud was busy, unreachable or silent, by the operation asked for. */
  cloud_retries_total: { operation: string };
  /** Share of a model's quota that is used, 0 to 100. */
  ai_service_quota_usage_percent: { model: string };
  /** Invocations by outcome: done, again, dead, refused. */
  invocations_total: { function: string; trigger: string; outcome: string };
  /** Seconds of one invocation, host excluded. */
  invocation_seconds: { function: string; trigger: string };
}
export type MetricName = keyof MetricLabels;

export const METRIC_KINDS = {
  tickets_processed: 'counter',
  ticket_resolution_time: 'histogram',
  llm_cost: 'counter',
  ticket_queue_depth: 'gauge',
  agent_coordination_failures_total: 'counter',
  cloud_service_response_time_seconds: 'histogram',
  cloud_retries_total: 'counter',
  ai_service_quota_usage_percent: 'gauge',
  invocations_total: 'counter',
  invocation_seconds: 'histogram',
} as const satisfies { readonly [N in MetricName]: 'counter' | 'histogram' | 'gauge' };

/** Names of one kind of metric. */
export type NameOf<K extends 'counter' | 'histogram' | 'gauge'> = {
  [N in MetricName]: (typeof METRIC_KINDS)[N] extends K ? N : never;
}[MetricName];

export interface Metrics {
  /** Adds to a counter. */
  count<N extends NameOf<'counter'>>(name: N, labels: MetricLabels[N], by?: number): void;
  /** Adds an observation to a histogram. */
  observe<N extends NameOf<'histogram'>>(name: N, labels: MetricLabels[N], value: number): void;
  /** Sets a gauge. */
  set<N extends NameOf<'gauge'>>(name: N, labels: MetricLabels[N], value: number): void;
  /** Hands over what was collected; called at the end of each invocation. Never throws: telemetry loses, work does not. */
  flush(): Promise<void>;
}
