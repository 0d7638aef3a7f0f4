import { toPrometheus } from '../../metrics/prometheus.ts';
import { createRegistry } from '../../metrics/registry.ts';
import type { Metrics } from '../../ports/metrics.ts';

/** Metrics that Prometheus fetches as `text()`: values since the start, so a flush has nothing to hand over. */
export function openMetrics(_env: Readonly<Record<string, string | undefined>>): Metrics & { text(): string } {
  const { count, observe, set, snapshot } = createRegistry();
  return { count, observe, set, text: () => toPrometheus(snapshot()), flush: async () => {} };
}
