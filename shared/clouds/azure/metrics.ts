import { openOtlpMetrics } from '../../metrics/otlp-push.ts';
import type { Metrics } from '../../ports/metrics.ts';

/** Metrics that each flush pushes to an OpenTelemetry collector; see `otlp-push.ts` for the variables. */
export function openMetrics(env: Readonly<Record<string, string | undefined>>): Metrics & { text(): string } {
  return openOtlpMetrics('azure', env);
}
