import { randomUUID } from 'node:crypto';
import type { Metrics } from '../ports/metrics.ts';
import { toOtlp } from './otlp.ts';
import { createRegistry } from './registry.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What an invocation waits for its telemetry at most, milliseconds; `OTEL_EXPORTER_OTLP_TIMEOUT` can only lower it. */
const TIMEOUT_MS = 2_000;

/** After a failure nothing is tried for so long, so that a dead collector doesn't slow every invocation down. */
const COOL_DOWN_MS = 30_000;

/**
 * Metrics that are pushed by OTLP over HTTP to `OTEL_EXPORTER_OTLP_ENDPOINT` (a base address; `/v1/metrics` is added),
 * with the headers of `OTEL_EXPORTER_OTLP_HEADERS`. Plain fetch: OpenTelemetry's SDK weighs more than a function.
 * Without the variable nothing is ever sent. What a failed push carried is lost; what is counted while the collector
 * is left alone waits in memory.
 */
export function openOtlpMetrics(provider: 'azure' | 'gcp', env: Env): Metrics & { text(): string } {
  const { count, observe, set, drain } = createRegistry();
  const push = createPush(env);
  const resource = {
    'service.name': env['OTEL_SERVICE_NAME'] || 'trifold',
    // Two instances that send the same differences under one name would look like one that sends them twice.
    'service.instance.id': randomUUID(),
    'cloud.provider': provider,
  };
  let since = Date.now();
  return {
    count,
    observe,
    set,
    text: () => '',
    async flush() {
      if (!push?.ready()) return;
      const drained = drain();
      if (drained.length === 0) return;
      const until = Date.now();
      const body = toOtlp(drained, { resource, since: Math.min(since, until), until });
      since = until;
      await push.send(body);
    },
  };
}

interface Push {
  ready(): boolean;
  /** Never rejects, and ends within the time-out. */
  send(body: object): Promise<void>;
}

function createPush(env: Env): Push | undefined {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!endpoint) return undefined;
  const url = `${endpoint.replace(/\/+$/, '')}/v1/metrics`;
  const headers = { ...fromHeaderList(env['OTEL_EXPORTER_OTLP_HEADERS'] ?? ''), 'content-type': 'application/json' };
  const wanted = Number(env['OTEL_EXPORTER_OTLP_TIMEOUT'] || TIMEOUT_MS);
  const timeoutMs = wanted > 0 ? Math.min(wanted, TIMEOUT_MS) : TIMEOUT_MS;
  let failedAt = Number.NEGATIVE_INFINITY;
  return {
    ready: () => performance.now() - failedAt >= COOL_DOWN_MS,
    async send(body) {
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        // A redirect could carry the headers' credentials to another host.
        const response = await fetch(url, {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
          signal,
          redirect: 'error',
        });
        // An answer that is not read keeps its connection from being used again.
        await response.arrayBuffer();
        if (!response.ok) failedAt = performance.now();
      } catch {
        failedAt = performance.now();
      }
    },
  };
}

/** `name=value,other=value`, percent-encoded (https://opentelemetry.io/docs/specs/otel/protocol/exporter/); what is malformed is left out. */
function fromHeaderList(list: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const part of list.split(',')) {
    const at = part.indexOf('=');
    try {
      if (at > 0) headers[decodeURIComponent(part.slice(0, at).trim())] = decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      // Not percent-encoded as promised; a header that may be half a credential is better not sent.
    }
  }
  return headers;
}
