import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { openMetrics as openAws } from '../../shared/clouds/aws/metrics.ts';
import { openMetrics as openAzure } from '../../shared/clouds/azure/metrics.ts';
import { openMetrics as openGcp } from '../../shared/clouds/gcp/metrics.ts';
import { openMetrics as openLocal } from '../../shared/clouds/local/metrics.ts';
import { type Arrived, type FarEnd, metricsContract, type OpenedMetrics } from './metrics.ts';

metricsContract('local, as Prometheus text', async () => {
  const metrics = openLocal({});
  return { metrics, arrived: async () => fromPrometheus(metrics.text()), close: async () => {} };
});

metricsContract('aws, as embedded metrics on standard output', async () => {
  const metrics = openAws({});
  const lines: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(...String(chunk).split('\n').filter(Boolean));
    return true;
  });
  return { metrics, arrived: async () => fromEmf(lines), close: async () => stdout.mockRestore() };
});

metricsContract('azure, by OTLP', (farEnd) => withCollector(farEnd, openAzure));
metricsContract('gcp, by OTLP', (farEnd) => withCollector(farEnd, openGcp));

/** Everything of one series together: differences added, except a gauge, whose last value counts. */
function together(points: readonly (Arrived & { readonly last?: boolean })[]): Arrived[] {
  const series = new Map<string, Arrived>();
  for (const { last, ...point } of points) {
    const key = JSON.stringify([point.name, Object.entries(point.labels).toSorted()]);
    const before = last ? undefined : series.get(key);
    const value = (before?.value ?? 0) + point.value;
    const observations = (before?.observations ?? 0) + (point.observations ?? 0);
    series.set(key, { ...point, value, ...(point.observations === undefined ? {} : { observations }) });
  }
  return [...series.values()];
}

/** A strict reader of the text format: a line that is not of the format fails the test. */
function fromPrometheus(text: string): Arrived[] {
  const points: Arrived[] = [];
  const types = new Map<string, string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, typed, type] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (typed && type) types.set(typed, type);
    if (line.startsWith('# ')) continue;
    const [, full = '', list = '', number] =
      /^([a-z_]+)\{((?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)*)\} (\S+)$/.exec(line) ?? [];
    if (!full) throw new Error(`Not Prometheus text: ${line}`);
    const labels = Object.fromEntries(
      list
        .matchAll(/([a-z_]+)="((?:[^"\\]|\\["\\n])*)"/g)
        .map(([, name, value = '']) => [name, JSON.parse(`"${value}"`)]),
    );
    const name = full.replace(/_(bucket|sum|count)$/, '');
    const value = Number(number);
    if (types.get(full)) points.push({ name: full, labels, value });
    else if (full.endsWith('_sum')) points.push({ name, labels, value, observations: 0 });
    else if (full.endsWith('_bucket') && labels['le'] === '+Inf') {
      const { le, ...own } = labels;
      points.push({ name, labels: own, value: 0, observations: value });
    }
  }
  return together(points);
}

interface Emf {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** What CloudWatch takes from the lines: each metric with the dimensions that its directive names. */
function fromEmf(lines: readonly string[]): Arrived[] {
  const points = lines.flatMap((line) => {
    const document = JSON.parse(line) as Emf;
    return document._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.map(({ Name }) => {
          const labels = Object.fromEntries(names.map((name) => [name, String(document[name])]));
          return toArrived(Name, labels, document[Name]);
        }),
      ),
    );
  });
  return together(points);
}

function toArrived(name: string, labels: Record<string, string>, target: unknown) {
  const histogram = /seconds$|_time$/.test(name);
  const last = /depth|percent/.test(name);
  if (typeof target === 'number')
    return { name, labels, value: target, last, ...(histogram ? { observations: 1 } : {}) };
  const { Values, Counts } = target as { Values: number[]; Counts: number[] };
  const value = Values.reduce((sum, one, i) => sum + one * (Counts[i] ?? 0), 0);
  return { name, labels, value, last, observations: Counts.reduce((sum, count) => sum + count, 0) };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
interface Point {
  readonly attributes: readonly Attribute[];
  readonly asDouble?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
}
interface Points {
  readonly aggregationTemporality?: number;
  readonly dataPoints: readonly Point[];
}
interface OtlpMetric {
  readonly name: string;
  readonly sum?: Points;
  readonly gauge?: Points;
  readonly histogram?: Points;
}
interface Otlp {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

/** What a collector makes of the requests: differences are added up. */
function fromOtlp(requests: readonly Otlp[]): Arrived[] {
  const metrics = requests.flatMap(({ resourceMetrics }) =>
    resourceMetrics.flatMap((r) => r.scopeMetrics.flatMap((s) => s.metrics)),
  );
  const points = metrics.flatMap(({ name, sum, gauge, histogram }) => {
    const points = sum ?? gauge ?? histogram;
    return (points?.dataPoints ?? []).map((point) => {
      const labels = Object.fromEntries(point.attributes.map(({ key, value }) => [key, value.stringValue]));
      const observations = point.bucketCounts?.reduce((total, count) => total + Number(count), 0);
      const value = point.asDouble ?? point.sum ?? Number.NaN;
      return {
        name,
        labels,
        value,
        last: gauge !== undefined,
        ...(observations === undefined ? {} : { observations }),
      };
    });
  });
  return together(points);
}

/** An adapter in front of a collector over real HTTP, which answers as `farEnd` says. */
async function withCollector(farEnd: FarEnd, open: typeof openAzure): Promise<OpenedMetrics> {
  const requests: Otlp[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    if (farEnd === 'silent') return;
    const proper =
      request.method === 'POST' &&
      request.url === '/v1/metrics' &&
      request.headers['content-type'] === 'application/json';
    if (proper && farEnd === 'up') requests.push(JSON.parse(body) as Otlp);
    response.writeHead(proper && farEnd === 'up' ? 200 : 503, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo;
  if (farEnd === 'refusing') await stop(server);
  const endpoint = farEnd === 'absent' ? undefined : `http://127.0.0.1:${port}/`;
  const metrics = open({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  return { metrics, arrived: async () => fromOtlp(requests), close: () => stop(server) };
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((closed) => server.close(closed));
}
